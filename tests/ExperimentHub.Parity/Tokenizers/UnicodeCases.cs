using System.Globalization;
using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Which characters each class holds, code point by code point.</summary>
internal static class UnicodeCases
{
    public static void Run(string path, string name, Tally tally)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var classes = document.RootElement;
        foreach (var property in classes.GetProperty("regex").EnumerateObject())
        {
            var set = property.Name.StartsWith("\\p{", StringComparison.Ordinal) ? UnicodeSets.Named(property.Name[3..^1])
                : property.Name switch { "\\s" => UnicodeSets.Space, "\\w" => UnicodeSets.Word, "\\d" => UnicodeSets.Digit, _ => null };
            tally.Case($"{name}:regex {property.Name}", () => set is null ? "not known" : Differ(property.Value, set.Contains));
        }

        var bert = classes.GetProperty("bert");
        var clean = new BertNormalizer(cleanText: true, handleChineseChars: false, stripAccents: false, lowercase: false);
        Case("clean_text_removes", bert, r => ComponentCases.Normalize(clean, r.ToString()).Length == 0);
        Case("clean_text_makes_space", bert, r => ComponentCases.Normalize(clean, r.ToString()) == " ");
        var chinese = new BertNormalizer(cleanText: false, handleChineseChars: true, stripAccents: false, lowercase: false);
        Case("spaces_put_around", bert, r => ComponentCases.Normalize(chinese, r.ToString()).StartsWith(' ') && r.Value != ' ');
        Case("pre_tokenizer_isolates", bert, r => Pieces(new BertPreTokenizer(), $"a{r}a") == 3);
        Case("pre_tokenizer_removes", bert, r => Pieces(new BertPreTokenizer(), r.ToString()) == 0);
        Case("strip_accents_removes_after_nfd", bert, UnicodeClasses.IsNonSpacingMark);
        var accents = new StripAccentsNormalizer();
        Case("StripAccents_removes", classes, r => ComponentCases.Normalize(accents, r.ToString()).Length == 0);
        var lower = new LowercaseNormalizer();
        Case("lowercase_changed", classes, r => ComponentCases.Normalize(lower, r.ToString()) != r.ToString());
        Case("Digits_isolates", classes, r => UnicodeClasses.IsNumeric(r));
        Case("WhitespaceSplit_removes", classes, r => Pieces(new WhitespacePreTokenizer(separateWords: false), r.ToString()) == 0);

        void Case(string what, JsonElement from, Func<Rune, bool> contains)
        {
            if (from.TryGetProperty(what, out var expected))
            {
                tally.Case($"{name}:{what}", () => Differ(expected, c => contains(new Rune(c))));
            }
        }
    }

    private static int Pieces(PreTokenizer preTokenizer, string text) => ComponentCases.PreTokenize(preTokenizer, text).Pieces.Count;

    private static string? Differ(JsonElement ranges, Func<int, bool> contains)
    {
        var expected = CodePointSet.Of(ranges.EnumerateArray().Select(r => (r[0].GetInt32(), r[1].GetInt32())));
        var wrong = Enumerable.Range(0, 0x110000).Where(c => c is < 0xD800 or > 0xDFFF && contains(c) != expected.Contains(c)).Take(10).ToList();
        return wrong.Count == 0 ? null : $"differ: {string.Join(' ', wrong.Select(c => c.ToString("X", CultureInfo.InvariantCulture)))}";
    }
}
