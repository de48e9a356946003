namespace ExperimentHub.Web.Trash;

/// <summary>Texts of the trash: <c>TrashText.resx</c> and <c>TrashText.zh.resx</c>.</summary>
internal sealed class TrashText;
