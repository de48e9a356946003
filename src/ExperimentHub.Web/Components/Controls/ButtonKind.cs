namespace ExperimentHub.Web.Components.Controls;

/// <summary>How much a button asks to be pressed; a page has one <see cref="Primary"/>.</summary>
public enum ButtonKind
{
    Outlined,
    Primary,
    Quiet,
    Danger,
    Link,
}

public enum ButtonSize
{
    Normal,
    Small,
    Tiny,
}
