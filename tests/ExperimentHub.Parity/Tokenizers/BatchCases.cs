using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Lines of batches.jsonl: several texts, or texts in words, with padding and windows.</summary>
internal static class BatchCases
{
    public static string? Check(Tokenizer tokenizer, JsonElement expected)
    {
        var arguments = expected.GetProperty("options");
        var options = CaseOptions.Read(arguments);
        var inWords = arguments.TryGetProperty("is_split_into_words", out var split) && split.GetBoolean();
        var texts = Read(expected.GetProperty("texts"));
        var pairs = expected.GetProperty("text_pairs") is { ValueKind: JsonValueKind.Array } list ? Read(list) : null;
        IReadOnlyList<TokenEncoding> encoded;
        try
        {
            encoded = inWords ? tokenizer.EncodeWords(texts!, pairs, options)
                : tokenizer.EncodeRows([.. texts.Select(t => t![0])], pairs is null ? null : [.. pairs.Select(p => p?[0])], options);
        }
        catch (InputException e)
        {
            return expected.TryGetProperty("error", out _) ? null : $"refused: {e.Message}";
        }

        if (expected.TryGetProperty("error", out var error))
        {
            return $"should be refused: {error}";
        }

        var rows = new List<(TokenEncoding Row, int Sample)>();
        for (var i = 0; i < encoded.Count; i++)
        {
            rows.Add((encoded[i], i));
            rows.AddRange(encoded[i].Overflow.Select(w => (w, i)));
        }

        return Rows.Differ("sample", Rows.Integers(expected.GetProperty("sample")), [.. rows.Select(r => r.Sample)])
            ?? expected.GetProperty("rows").EnumerateArray()
                .Select((row, i) => Rows.Difference(row, rows[i].Row, tokenizer, [texts[rows[i].Sample]!, pairs?[rows[i].Sample] ?? []]) is { } d ? $"row {i}: {d}" : null)
                .FirstOrDefault(d => d is not null);
    }

    private static List<IReadOnlyList<string>?> Read(JsonElement list) =>
        [.. list.EnumerateArray().Select(e => e.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Array => (IReadOnlyList<string>)[.. e.EnumerateArray().Select(w => w.GetString()!)],
            _ => [e.GetString()!],
        })];
}
