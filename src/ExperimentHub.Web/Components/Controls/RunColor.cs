namespace ExperimentHub.Web.Components.Controls;

/// <summary>A run has one colour everywhere: its number picks one of ten hues; the 11th takes the first again with a dashed line.</summary>
public static class RunColor
{
    public const int Hues = 10;

    public static string Class(int color) => "c" + Hue(color);

    /// <summary>1 to 10, for <c>--run-N</c>.</summary>
    public static int Hue(int color) => (((color - 1) % Hues) + Hues) % Hues + 1;

    /// <summary>0 solid, 1 dashed, 2 dotted.</summary>
    public static int Dash(int color) => Math.Max(0, color - 1) / Hues % 3;
}
