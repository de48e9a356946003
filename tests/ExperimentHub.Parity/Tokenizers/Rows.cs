using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Holds an encoding against the row of a reference, field by field.</summary>
internal static class Rows
{
    /// <summary>What differs first, or null.</summary>
    /// <param name="texts">For each sequence the texts that offsets count in: one, or its words.</param>
    public static string? Difference(JsonElement expected, TokenEncoding actual, Tokenizer tokenizer, IReadOnlyList<IReadOnlyList<string>> texts)
    {
        var special = Enumerable.Range(0, actual.Length).Select(i => actual.IsSpecial(i) ? 1 : 0).ToArray();
        return Differ("ids", Integers(expected.GetProperty("ids")), actual.Ids)
            ?? Differ("type_ids", Integers(expected.GetProperty("type_ids")), actual.TypeIds)
            ?? Differ("attention_mask", Integers(expected.GetProperty("attention_mask")), actual.AttentionMask)
            ?? Differ("special_tokens_mask", Integers(expected.GetProperty("special_tokens_mask")), special)
            ?? Tokens(expected.GetProperty("tokens"), actual, tokenizer)
            ?? Offsets(expected, actual, texts)
            ?? Differ("word_ids", Integers(expected.GetProperty("word_ids")), actual.WordIds)
            ?? (expected.TryGetProperty("sequence_ids", out var sequences) ? Differ("sequence_ids", Integers(sequences), actual.SequenceIds) : null);
    }

    public static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? -1 : e.GetInt32())];

    public static string? Differ(string what, IReadOnlyList<int> expected, IReadOnlyList<int> actual) =>
        expected.SequenceEqual(actual) ? null : $"{what} {string.Join(' ', actual)}, not {string.Join(' ', expected)}";

    /// <summary>Added tokens are listed as the text that they matched, and unknown ones as theirs: both are compared by id.</summary>
    private static string? Tokens(JsonElement expected, TokenEncoding actual, Tokenizer tokenizer)
    {
        var index = 0;
        foreach (var token in expected.EnumerateArray())
        {
            if (tokenizer.TokenToId(token.GetString()!) is { } id && tokenizer.IdToToken(actual.Ids[index]) is { } ours && id != actual.Ids[index] && tokenizer.TokenToId(ours) != actual.Ids[index])
            {
                return $"token {index} is '{ours}', not '{token}'";
            }

            index++;
        }

        return null;
    }

    private static string? Offsets(JsonElement expected, TokenEncoding actual, IReadOnlyList<IReadOnlyList<string>> texts)
    {
        var points = Pairs(expected.GetProperty("offsets"));
        var units = expected.GetProperty("offsets_utf16") is { ValueKind: JsonValueKind.Array } utf16 ? Pairs(utf16) : points;
        for (var i = 0; i < actual.Length; i++)
        {
            var at = (actual.Starts[i], actual.Ends[i]);
            if (at != units[i])
            {
                return $"offsets of token {i} {at}, not {units[i]}: {string.Join(' ', actual.Starts.Zip(actual.Ends))}, not {string.Join(' ', units)}";
            }

            if (actual.SequenceIds[i] >= 0)
            {
                var words = texts[actual.SequenceIds[i]];
                var text = words[words.Count > 1 ? actual.WordIds[i] : 0];
                var converted = Utf16Offsets.ToCodePoints(text, [actual.Starts[i], actual.Ends[i]]);
                if ((converted[0], converted[1]) != points[i])
                {
                    return $"code points of token {i} {converted[0]}-{converted[1]}, not {points[i]}";
                }
            }
        }

        return null;
    }

    private static (int Start, int End)[] Pairs(JsonElement list) => [.. list.EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))];
}
