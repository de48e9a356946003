using System.Text;
using System.Text.RegularExpressions;

namespace ExperimentHub.Hostile.Pack;

/// <summary>The pack writes fields and kinds of the run's folder as <c>"@seq"</c>; here they become our own, byte by byte, so that a file that is no JSON keeps its fault.</summary>
internal static partial class NeutralNames
{
    public const string Token = "token-of-this-attempt";

    private static readonly Dictionary<string, string> s_others = new()
    {
        ["warmup"] = "warmup_ratio",
        ["accumulation"] = "gradient_accumulation_steps",
    };

    public static byte[] Replace(byte[] content) => Encoding.Latin1.GetBytes(Replace(Encoding.Latin1.GetString(content)));

    public static string Replace(string text) => Quoted().Replace(
        text.Replace("@@TOKEN@@", Token, StringComparison.Ordinal)
            .Replace("@@OLD_TOKEN@@", "token-of-the-attempt-before", StringComparison.Ordinal)
            .Replace("@@RUN@@", "1", StringComparison.Ordinal),
        match => $"\"{Own(match.Groups[1].Value)}{match.Groups[2].Value}");

    /// <summary>Our name of a neutral one, with or without its sign.</summary>
    public static string Own(string name) => name.TrimStart('@') is var plain && s_others.TryGetValue(plain, out var other) ? other : plain;

    // The end of a file that is cut inside a name is one too.
    [GeneratedRegex("\"@([a-z_]*)(\"|\\z)")]
    private static partial Regex Quoted();
}
