using System.Collections.Concurrent;
using System.Globalization;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Sets of characters by the names that regular expressions give them.</summary>
internal static class UnicodeSets
{
    /// <summary>Long names and the short ones they stand for.</summary>
    private const string LongNames = """
        letter l uppercaseletter lu lowercaseletter ll titlecaseletter lt casedletter lc modifierletter lm otherletter lo mark m
        combiningmark m nonspacingmark mn spacingmark mc enclosingmark me number n decimalnumber nd letternumber nl
        othernumber no punctuation p connectorpunctuation pc dashpunctuation pd openpunctuation ps closepunctuation pe
        initialpunctuation pi finalpunctuation pf otherpunctuation po symbol s mathsymbol sm currencysymbol sc modifiersymbol sk
        othersymbol so separator z spaceseparator zs lineseparator zl paragraphseparator zp other c control cc format cf
        privateuse co unassigned cn whitespace space uppercase upper lowercase lower alphabetic alpha
        """;

    private static readonly ConcurrentDictionary<string, CodePointSet?> s_byName = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, UnicodeCategory[]> s_categories = new(StringComparer.Ordinal)
    {
        ["lu"] = [UnicodeCategory.UppercaseLetter],
        ["ll"] = [UnicodeCategory.LowercaseLetter],
        ["lt"] = [UnicodeCategory.TitlecaseLetter],
        ["lm"] = [UnicodeCategory.ModifierLetter],
        ["lo"] = [UnicodeCategory.OtherLetter],
        ["lc"] = [UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter],
        ["mn"] = [UnicodeCategory.NonSpacingMark],
        ["mc"] = [UnicodeCategory.SpacingCombiningMark],
        ["me"] = [UnicodeCategory.EnclosingMark],
        ["nd"] = [UnicodeCategory.DecimalDigitNumber],
        ["nl"] = [UnicodeCategory.LetterNumber],
        ["no"] = [UnicodeCategory.OtherNumber],
        ["zs"] = [UnicodeCategory.SpaceSeparator],
        ["zl"] = [UnicodeCategory.LineSeparator],
        ["zp"] = [UnicodeCategory.ParagraphSeparator],
        ["cc"] = [UnicodeCategory.Control],
        ["cf"] = [UnicodeCategory.Format],
        ["co"] = [UnicodeCategory.PrivateUse],
        ["cn"] = [UnicodeCategory.OtherNotAssigned],
        ["pc"] = [UnicodeCategory.ConnectorPunctuation],
        ["pd"] = [UnicodeCategory.DashPunctuation],
        ["ps"] = [UnicodeCategory.OpenPunctuation],
        ["pe"] = [UnicodeCategory.ClosePunctuation],
        ["pi"] = [UnicodeCategory.InitialQuotePunctuation],
        ["pf"] = [UnicodeCategory.FinalQuotePunctuation],
        ["po"] = [UnicodeCategory.OtherPunctuation],
        ["sm"] = [UnicodeCategory.MathSymbol],
        ["sc"] = [UnicodeCategory.CurrencySymbol],
        ["sk"] = [UnicodeCategory.ModifierSymbol],
        ["so"] = [UnicodeCategory.OtherSymbol],
    };

    private static readonly Dictionary<string, string> s_longNames =
        LongNames.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2).ToDictionary(p => p[0], p => p[1]);

    internal static CodePointSet Digit => Named("nd")!;

    internal static CodePointSet Space => Named("space")!;

    /// <summary><c>\w</c> as Oniguruma has it: with letters in circles, and the superior digits and fractions of Latin 1.</summary>
    internal static CodePointSet Word => Named("word")!;

    /// <summary><c>\w</c> between brackets: Oniguruma leaves the superior digits and fractions out there.</summary>
    internal static CodePointSet WordInClass => Named("wordinclass")!;

    /// <summary>The set of a property, script or bracket class; null if the name is not known.</summary>
    internal static CodePointSet? Named(string name)
    {
        var key = new string([.. name.Where(c => c is not ('_' or ' ' or '-')).Select(char.ToLowerInvariant)]);
        key = s_longNames.GetValueOrDefault(key, key);
        return s_byName.GetOrAdd(key, Build);
    }

    private static CodePointSet? Build(string key) => key switch
    {
        "any" => CodePointSet.All,
        "ascii" => CodePointSet.Of([(0, 0x7F)]),
        "l" or "m" or "n" or "p" or "s" or "z" or "c" => Categories([.. s_categories.Where(c => c.Key[0] == key[0] && c.Key != "lc").SelectMany(c => c.Value)]),
        "space" => CodePointSet.Of([(9, 13), (32, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]),
        "blank" => Named("zs")!.Union(CodePointSet.Of(9)),
        "wordinclass" => Union("l", "m", "nd", "nl", "pc").Union(CircledLetters),
        "word" => Named("wordinclass")!.Union(CodePointSet.Of([(0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE)])),
        "alpha" => Union("l", "nl").Union(PropertyTables.OtherAlphabetic),
        "alnum" => Union("alpha", "nd"),
        "digit" => Named("nd"),
        "upper" => Named("lu")!.Union(CodePointSet.Of([(0x2160, 0x216F), (0x24B6, 0x24CF), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)])),
        "lower" => Named("ll")!.Union(PropertyTables.OtherLowercase),
        "punct" => Named("p"),
        "cntrl" => Named("cc"),
        "graph" => Union("space", "cc", "cn").Complement(),
        "print" => Union("graph", "zs"),
        "xdigit" => CodePointSet.Of([('0', '9'), ('A', 'F'), ('a', 'f')]),
        _ when s_categories.TryGetValue(key, out var categories) => Categories(categories),
        _ => ScriptTable.Find(key),
    };

    private static CodePointSet CircledLetters => CodePointSet.Of([(0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)]);

    private static CodePointSet Union(params string[] names) => names.Aggregate(CodePointSet.Empty, (set, name) => set.Union(Named(name)!));

    private static CodePointSet Categories(UnicodeCategory[] categories) => CodePointSet.Where(c => c is < 0xD800 or > 0xDFFF && categories.Contains(CharUnicodeInfo.GetUnicodeCategory(c)));
}
