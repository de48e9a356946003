namespace ExperimentHub.Web.Runs.Pages;

/// <summary>What each setting of a run is called and does: <c>Setting_{name}_Label</c>, <c>Setting_{name}_Help</c>, <c>Unit_{unit}</c>, <c>Choice_{name}_{value}</c>.</summary>
internal sealed class SettingText;
