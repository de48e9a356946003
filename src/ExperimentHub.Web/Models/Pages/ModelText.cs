namespace ExperimentHub.Web.Models.Pages;

/// <summary>Texts of the model pages: <c>ModelText.resx</c> and <c>ModelText.zh.resx</c>.</summary>
internal sealed class ModelText;
