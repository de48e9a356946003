using System.Text.RegularExpressions;
using ExperimentHub.Web.Components.Theme;
using MudBlazor;

namespace ExperimentHub.Web.Tests.Components;

public sealed partial class ThemeTests
{
    [Fact]
    public void HubTheme_HasTheColoursOfTheStyleSheet()
    {
        var css = File.ReadAllText(Path.Combine(Repository.Root, "wwwroot", "css", "tokens.css"));
        var dark = css.IndexOf("\n[data-theme=\"dark\"] {", StringComparison.Ordinal);

        AssertSame(Tokens(css[..dark]), HubTheme.Theme.PaletteLight);
        AssertSame(Tokens(css[dark..]), HubTheme.Theme.PaletteDark);
    }

    private static void AssertSame(Dictionary<string, string> tokens, Palette palette)
    {
        var pairs = new Dictionary<string, MudBlazor.Utilities.MudColor>
        {
            ["bg"] = palette.Background,
            ["surface"] = palette.Surface,
            ["sunken"] = palette.BackgroundGray,
            ["hover"] = palette.TableHover,
            ["line"] = palette.LinesDefault,
            ["line-soft"] = palette.DividerLight,
            ["line-input"] = palette.LinesInputs,
            ["text"] = palette.TextPrimary,
            ["text-2"] = palette.TextSecondary,
            ["text-off"] = palette.TextDisabled,
            ["off-bg"] = palette.ActionDisabledBackground,
            ["accent"] = palette.Primary,
            ["accent-hover"] = palette.PrimaryDarken,
            ["on-accent"] = palette.PrimaryContrastText,
            ["accent-text"] = palette.Info,
            ["good"] = palette.Success,
            ["bad"] = palette.Error,
            ["warn"] = palette.Warning,
            ["skeleton"] = palette.Skeleton,
        };
        Assert.All(pairs, p => Assert.Equal(new MudBlazor.Utilities.MudColor(tokens[p.Key]), p.Value));
    }

    private static Dictionary<string, string> Tokens(string css) =>
        Token().Matches(css).GroupBy(m => m.Groups[1].Value).ToDictionary(g => g.Key, g => g.First().Groups[2].Value);

    [GeneratedRegex("--([a-z0-9-]+): (#[0-9A-F]{6});")]
    private static partial Regex Token();
}
