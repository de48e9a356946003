namespace ExperimentHub.Web.Components.Theme;

/// <summary>
/// Light, dark, or as the visitor's system says. The choice is the cookie <c>theme</c>; <c>scheme</c> is what the browser last resolved
/// <c>system</c> to, so that the first answer already has the right colours. <c>js/theme.js</c> writes both.
/// </summary>
/// <param name="Choice"><c>light</c>, <c>dark</c> or <c>system</c>.</param>
/// <param name="Name"><c>light</c> or <c>dark</c>: what is drawn.</param>
internal sealed record ThemeChoice(string Choice, string Name)
{
    public const string Light = "light";
    public const string Dark = "dark";
    public const string System = "system";

    public static ThemeChoice Of(HttpContext context)
    {
        var cookies = context.Request.Cookies;
        return cookies["theme"] switch
        {
            Light => new ThemeChoice(Light, Light),
            Dark => new ThemeChoice(Dark, Dark),
            _ => new ThemeChoice(System, cookies["scheme"] == Dark ? Dark : Light),
        };
    }
}
