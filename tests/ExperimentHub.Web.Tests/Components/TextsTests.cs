using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ExperimentHub.Web.Tests.Components;

/// <summary>Every word that a page shows is a resource, in both languages.</summary>
public sealed partial class TextsTests
{
    private static readonly string s_web = Path.Combine(Repository.Root, "src", "ExperimentHub.Web");

    public static TheoryData<string> Resources =>
        [.. Directory.EnumerateFiles(s_web, "*.resx", SearchOption.AllDirectories).Where(f => !f.EndsWith(".zh.resx", StringComparison.Ordinal)).Select(f => Path.GetRelativePath(s_web, f))];

    public static TheoryData<string> Pages => [.. Directory.EnumerateFiles(s_web, "*.razor", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(s_web, f))];

    [Theory]
    [MemberData(nameof(Resources))]
    public void Resource_HasTheSameKeysAndPlaceholders_InBothLanguages(string file)
    {
        var english = Read(Path.Combine(s_web, file));
        var chinese = Read(Path.Combine(s_web, Path.ChangeExtension(file, null) + ".zh.resx"));

        Assert.Equal(english.Keys.Order(), chinese.Keys.Order());
        Assert.All(english, text => Assert.Equal(Placeholders(text.Value), Placeholders(chinese[text.Key])));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_HoldsNoBareText(string file)
    {
        var page = File.ReadAllText(Path.Combine(s_web, file));
        var markup = Markup(page);

        Assert.DoesNotContain(BareText().Matches(markup).Select(m => m.Groups[1].Value.Trim()), t => Word().IsMatch(t) && !s_names.Contains(t));
        Assert.DoesNotMatch(BareAttribute(), Comment().Replace(page, ""));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_NamesOnlyTextsThatExist(string file)
    {
        var page = File.ReadAllText(Path.Combine(s_web, file));
        foreach (Match injected in Injected().Matches(page))
        {
            var (type, name) = (injected.Groups[1].Value, injected.Groups[2].Value);
            var resource = Directory.EnumerateFiles(s_web, type + ".resx", SearchOption.AllDirectories).Single();
            var keys = Read(resource);
            var used = Regex.Matches(page, $"""(?<![\w.]){name}\["([^"$]+)"[\],]""").Select(m => m.Groups[1].Value);

            Assert.All(used, key => Assert.True(keys.ContainsKey(key), $"{type} has no text {key}."));
        }
    }

    /// <summary>Names that are the same in every language.</summary>
    private static readonly HashSet<string> s_names = ["ExperimentHub", "JSON", "curl", "PNG", "SVG", "CSV", "Ctrl", "Esc", "Enter", "K", "X", "J", "C", "F", "F1", "n", "ms", "GiB", "− A"];

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(file).Root!.Elements("data").ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value);

    private static IEnumerable<string> Placeholders(string text) => Placeholder().Matches(text).Select(m => m.Value).Distinct().Order();

    /// <summary>The page without its code, comments and expressions.</summary>
    private static string Markup(string page)
    {
        var code = page.IndexOf("\n@code", StringComparison.Ordinal);
        page = code >= 0 ? page[..code] : page;
        page = Comment().Replace(page, "");
        page = Directive().Replace(page, "");
        page = Balanced().Replace(page, "");
        return Attribute().Replace(page, "");
    }

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"@\*.*?\*@", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"@\((?>[^()]+|(?<o>\()|(?<-o>\)))*(?(o)(?!))\)|&\w+;|@[\w.!?]+(?:\[[^\]]*\])? ?(?:\((?>[^()]+|(?<p>\()|(?<-p>\)))*(?(p)(?!))\))?")]
    private static partial Regex Balanced();

    [GeneratedRegex(@"^\s*(?:@(?:page|inject|using|attribute|implements|inherits|typeparam|layout|if|foreach|for|switch)\b.*|else\b.*|case .*|default:|break;|var .*|[{}].*)$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"=""[^""]*""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@">([^<>{}@\n]+)<")]
    private static partial Regex BareText();

    [GeneratedRegex(@"\p{L}{2,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s(?:title|aria-label|placeholder|alt)=""(?!JSON|@|/)[^""@]*\p{L}{3,}")]
    private static partial Regex BareAttribute();

    [GeneratedRegex(@"@inject IStringLocalizer<(\w+)> (\w+)")]
    private static partial Regex Injected();
}
