namespace ExperimentHub.Web.Components.Controls;

/// <summary>One tab: a link with its own address. <see cref="Count"/> stands small behind the word.</summary>
public sealed record TabLink(string Key, string Text, string Href, string? Count = null);
