namespace ExperimentHub.Web.Components.Controls;

/// <summary>One choice of a <see cref="Select"/> or of <see cref="Segments"/>.</summary>
public sealed record Option(string Value, string Text);
