using MudBlazor;

namespace ExperimentHub.Web.Components.Theme;

/// <summary>The values of <c>wwwroot/css/tokens.css</c> where MudBlazor wants them; it takes literals, no CSS variables.</summary>
internal static class HubTheme
{
    public const string NoShadow = "none";

    private static readonly string[] s_fonts =
    [
        "system-ui", "-apple-system", "Segoe UI Variable Text", "Segoe UI", "Roboto", "Noto Sans", "PingFang SC", "Microsoft YaHei UI",
        "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif",
    ];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Background = "#F7F7F5",
            AppbarBackground = "#F7F7F5",
            DrawerBackground = "#F7F7F5",
            Surface = "#FFFFFF",
            BackgroundGray = "#F1F1EE",
            TableHover = "#F3F3F0",
            LinesDefault = "#E5E5E1",
            TableLines = "#E5E5E1",
            Divider = "#E5E5E1",
            DividerLight = "#EFEFEC",
            LinesInputs = "#8D8F93",
            TextPrimary = "#1C1D1F",
            AppbarText = "#1C1D1F",
            DrawerText = "#1C1D1F",
            ActionDefault = "#1C1D1F",
            TextSecondary = "#51555B",
            DrawerIcon = "#51555B",
            TextDisabled = "#A3A5A8",
            ActionDisabled = "#A3A5A8",
            ActionDisabledBackground = "#EDEDEA",
            Primary = "#2350C4",
            PrimaryDarken = "#1B41A3",
            PrimaryContrastText = "#FFFFFF",
            Info = "#2350C4",
            Success = "#186C3B",
            Error = "#B9262B",
            Warning = "#8A5200",
            Skeleton = "#E9E9E5",
        },
        PaletteDark = new PaletteDark
        {
            Background = "#141517",
            AppbarBackground = "#141517",
            DrawerBackground = "#141517",
            Surface = "#1A1B1E",
            BackgroundGray = "#212327",
            TableHover = "#222428",
            LinesDefault = "#2C2E33",
            TableLines = "#2C2E33",
            Divider = "#2C2E33",
            DividerLight = "#25272B",
            LinesInputs = "#71757D",
            TextPrimary = "#E8E8E6",
            AppbarText = "#E8E8E6",
            DrawerText = "#E8E8E6",
            ActionDefault = "#E8E8E6",
            TextSecondary = "#B0B3B9",
            DrawerIcon = "#B0B3B9",
            TextDisabled = "#5E6168",
            ActionDisabled = "#5E6168",
            ActionDisabledBackground = "#26282C",
            Primary = "#3F68DE",
            PrimaryDarken = "#3459C6",
            PrimaryContrastText = "#FFFFFF",
            Info = "#94B2FF",
            Success = "#63C88C",
            Error = "#FF8A82",
            Warning = "#E5B052",
            Skeleton = "#26282D",
        },
        LayoutProperties = new LayoutProperties
        {
            AppbarHeight = "48px",
            DefaultBorderRadius = "6px",
            DrawerWidthLeft = "200px",
            DrawerMiniWidthLeft = "80px",
            DrawerWidthRight = "312px",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_fonts, FontSize = ".8125rem", LineHeight = "1.54", LetterSpacing = "0" },
            Button = new ButtonTypography { FontSize = ".8125rem", FontWeight = "500", TextTransform = "none", LetterSpacing = "0" },
            Body1 = new Body1Typography { FontSize = ".8125rem", LineHeight = "1.54", LetterSpacing = "0" },
            Body2 = new Body2Typography { FontSize = ".8125rem", LineHeight = "1.54", LetterSpacing = "0" },
            Caption = new CaptionTypography { FontSize = ".75rem", LetterSpacing = "0" },
            H6 = new H6Typography { FontSize = "1rem", FontWeight = "600", LetterSpacing = "0" },
        },
        Shadows = new Shadow { Elevation = [.. Enumerable.Repeat(NoShadow, 26)] },
    };
}
