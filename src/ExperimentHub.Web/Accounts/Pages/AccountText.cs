namespace ExperimentHub.Web.Accounts.Pages;

/// <summary>Texts of the account pages: <c>AccountText.resx</c> and <c>AccountText.zh.resx</c>.</summary>
internal sealed class AccountText;
