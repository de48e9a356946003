using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Lines of cases.jsonl and differences.jsonl: one text or pair each.</summary>
internal static class SingleCases
{
    public static string? Check(Tokenizer tokenizer, JsonElement expected)
    {
        var text = expected.GetProperty("text").GetString()!;
        var pair = expected.GetProperty("text_pair").GetString();
        TokenEncoding actual;
        try
        {
            actual = tokenizer.Encode(text, pair, CaseOptions.Read(expected.GetProperty("options")));
        }
        catch (InputException e)
        {
            return expected.TryGetProperty("error", out _) ? null : $"refused: {e.Message}";
        }

        if (expected.TryGetProperty("error", out var error))
        {
            return $"should be refused: {error}";
        }

        IReadOnlyList<string>[] texts = [[text], [pair ?? ""]];
        if (expected.TryGetProperty("tie", out var tie) && tie.ValueKind == JsonValueKind.True)
        {
            return DecodeCases.Check(tokenizer, expected, actual.Ids);
        }

        return Rows.Difference(expected, actual, tokenizer, texts)
            ?? Overflow(expected, actual, tokenizer, texts)
            ?? Batch(tokenizer, text, pair, expected, actual)
            ?? DecodeCases.Check(tokenizer, expected);
    }

    /// <summary><c>fast</c> is what the line of cases.jsonl with the same text holds; this checks it by the tokens.</summary>
    public static string? CheckDifference(Tokenizer tokenizer, JsonElement expected)
    {
        // Some references list the special tokens, some do not.
        var text = expected.GetProperty("text").GetString()!;
        var fast = expected.GetProperty("fast").EnumerateArray().Select(t => t.ToString()).ToList();
        var bare = Difference(tokenizer, tokenizer.Encode(text, null, new EncodeOptions { AddSpecialTokens = false }), fast);
        return bare is null || Difference(tokenizer, tokenizer.Encode(text), fast) is null ? null : bare;
    }

    private static string? Difference(Tokenizer tokenizer, TokenEncoding encoding, List<string> fast)
    {
        if (fast.Count != encoding.Length)
        {
            return $"{encoding.Length} tokens, not {fast.Count}";
        }

        for (var i = 0; i < fast.Count; i++)
        {
            if (tokenizer.TokenToId(fast[i]) is { } id && id != encoding.Ids[i])
            {
                return $"token {i} is '{tokenizer.IdToToken(encoding.Ids[i])}', not '{fast[i]}'";
            }
        }

        return null;
    }

    private static string? Overflow(JsonElement expected, TokenEncoding actual, Tokenizer tokenizer, IReadOnlyList<string>[] texts)
    {
        if (!expected.TryGetProperty("overflow", out var list))
        {
            return null;
        }

        var windows = list.EnumerateArray().ToList();
        if (windows.Count != actual.Overflow.Count)
        {
            return $"{actual.Overflow.Count} windows, not {windows.Count}";
        }

        return windows.Select((w, i) => Rows.Difference(w, actual.Overflow[i], tokenizer, texts) is { } d ? $"window {i + 1}: {d}" : null).FirstOrDefault(d => d is not null);
    }

    /// <summary>The path of training, which keeps no places, gives the same ids.</summary>
    private static string? Batch(Tokenizer tokenizer, string text, string? pair, JsonElement expected, TokenEncoding actual)
    {
        var options = CaseOptions.Read(expected.GetProperty("options"));
        if (options.Padding is not null)
        {
            return null;
        }

        var batch = tokenizer.EncodeBatch([text], [pair], options);
        return Rows.Differ("ids of the batch", actual.Ids, batch.Row(0).ToArray());
    }
}
