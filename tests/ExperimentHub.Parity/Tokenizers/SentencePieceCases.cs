using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Lines of sentencepiece.jsonl: texts through the model file by itself.</summary>
internal static class SentencePieceCases
{
    /// <summary>The model file in a folder; null if there is none.</summary>
    public static string? Model(string folder) => Directory.EnumerateFiles(folder, "*.model").Order(StringComparer.Ordinal).FirstOrDefault();

    public static string? Check(SentencePieceProcessor processor, JsonElement expected)
    {
        var text = expected.GetProperty("text").GetString()!;
        var actual = processor.Encode(text);
        var ids = actual.Select(p => p.Id).ToArray();
        var difference = Differ("normalized", expected, processor.Normalize(text)) ?? Differ("decoded", expected, processor.Decode(ids));
        if (difference is not null || (expected.TryGetProperty("tie", out var tie) && tie.ValueKind == JsonValueKind.True))
        {
            return difference;
        }

        return Rows.Differ("ids", Rows.Integers(expected.GetProperty("ids")), ids) ?? Pieces(expected.GetProperty("pieces"), actual) ?? Offsets(expected, text, actual);
    }

    private static string? Differ(string what, JsonElement expected, string actual) =>
        expected.GetProperty(what).GetString() is var value && value == actual ? null : $"{what} '{actual}', not '{value}'";

    private static string? Pieces(JsonElement expected, IReadOnlyList<EncodedPiece> actual) =>
        expected.EnumerateArray().Zip(actual, (e, a) => e.GetString() == a.Text ? null : $"piece '{a.Text}', not '{e}'").FirstOrDefault(d => d is not null);

    private static string? Offsets(JsonElement expected, string text, IReadOnlyList<EncodedPiece> actual)
    {
        // For each byte the characters and UTF-16 units before it; null inside a character.
        var (points, units) = (new List<int?>(), new List<int?>());
        var (point, unit) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            points.AddRange([point++, .. new int?[rune.Utf8SequenceLength - 1]]);
            units.AddRange([unit, .. new int?[rune.Utf8SequenceLength - 1]]);
            unit += rune.Utf16SequenceLength;
        }

        points.Add(point);
        units.Add(unit);
        var inUtf16 = expected.GetProperty("offsets_utf16").ValueKind == JsonValueKind.Array ? "offsets_utf16" : "offsets";
        return Offsets("offsets_bytes", at => at) ?? Offsets("offsets", at => points[at]) ?? Offsets(inUtf16, at => units[at]);

        string? Offsets(string what, Func<int, int?> convert)
        {
            var wanted = expected.GetProperty(what).EnumerateArray().ToList();
            var had = actual.Select(p => (Start: convert(p.Start), End: convert(p.End))).ToList();
            var same = wanted.Count == had.Count && wanted.Zip(had, (e, a) => Same(e, a.Start, a.End)).All(s => s);
            return same ? null : $"{what} {string.Join(' ', had)}, not {string.Join(' ', wanted)}";
        }
    }

    private static bool Same(JsonElement expected, int? start, int? end) =>
        expected.ValueKind == JsonValueKind.Null ? start is null || end is null : Place(expected[0]) == start && Place(expected[1]) == end;

    private static int? Place(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
