using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>Against what the tokenizers library gave (shared/parity/tokenizers): exact, no tolerance.</summary>
public sealed class TokenizerParityTests
{
    public static TheoryData<string> Names =>
    [
        "bert-base-uncased", "bert-base-uncased-keep-accents", "bert-base-uncased-cased-strip", "bert-base-chinese",
        "bert-base-chinese-nocjk", "all-minilm", "ernie-3.0", "wordpiece-like", "wordpiece-odd", "post-template-types",
        "post-template-multi", "post-roberta", "post-none", "added-tokens-wordpiece",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_GivesTheLibrarysTokens(string name)
    {
        using var folder = new TokenizerCopy(name);
        var tokenizer = Tokenizer.Load(folder.Path);
        var wrong = new List<string>();
        var compared = 0;
        foreach (var line in ReadLines(Shared.Path($"parity/tokenizers/{name}/cases.jsonl")))
        {
            var expected = JsonDocument.Parse(line).RootElement;
            if (OptionsOf(expected.GetProperty("options")) is not { } options)
            {
                continue;   // padding: not the tokenizer's work here
            }

            compared++;
            var text = expected.GetProperty("text").GetString()!;
            var pair = expected.GetProperty("text_pair").GetString();
            TokenEncoding? actual = null;
            try
            {
                actual = tokenizer.Encode(text, pair, options);
            }
            catch (InputException)
            {
            }

            if (expected.TryGetProperty("error", out var error))
            {
                // Where the library fails on a stride that is only too long for windows nobody needs, so may we not.
                if (actual is not null)
                {
                    wrong.Add($"{text[..Math.Min(30, text.Length)]}: should be refused: {error}");
                }

                continue;
            }

            var difference = actual is null ? "refused" : Difference(expected, actual);
            if (difference is null && options.ReturnOverflow)
            {
                var windows = expected.GetProperty("overflow").EnumerateArray().ToList();
                difference = windows.Count != actual!.Overflow.Count ? $"{actual.Overflow.Count} windows, not {windows.Count}"
                    : windows.Select((w, i) => Difference(w, actual.Overflow[i])).FirstOrDefault(d => d is not null);
            }

            if (difference is not null)
            {
                wrong.Add($"{expected.GetProperty("group")} '{text[..Math.Min(40, text.Length)]}' {expected.GetProperty("options")}: {difference}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {compared} differ:\n{string.Join('\n', wrong.Take(8))}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_GivesTheLibrarysText(string name)
    {
        using var folder = new TokenizerCopy(name);
        var tokenizer = Tokenizer.Load(folder.Path);
        var file = Shared.Path($"parity/tokenizers/{name}/decode.jsonl");
        var lines = File.Exists(file) ? ReadLines(file) : [];
        foreach (var line in lines.Concat(ReadLines(Shared.Path($"parity/tokenizers/{name}/cases.jsonl"))))
        {
            var expected = JsonDocument.Parse(line).RootElement;
            if (expected.TryGetProperty("decoded", out var decoded) && decoded.ValueKind == JsonValueKind.String)
            {
                var ids = Integers(expected.GetProperty("ids"));

                Assert.Equal(decoded.GetString(), tokenizer.Decode(ids));
                Assert.Equal(expected.GetProperty("decoded_raw").GetString(), tokenizer.Decode(ids, skipSpecialTokens: false));
            }
        }
    }

    private static EncodeOptions? OptionsOf(JsonElement options)
    {
        if (options.TryGetProperty("padding", out _))
        {
            return null;
        }

        var truncation = options.TryGetProperty("truncation", out var t) ? t.ToString() : "do_not_truncate";
        return new EncodeOptions
        {
            AddSpecialTokens = options.GetProperty("add_special_tokens").GetBoolean(),
            MaxLength = truncation == "do_not_truncate" ? null : options.GetProperty("max_length").GetInt32(),
            Truncation = truncation switch
            {
                "only_first" => TruncationStrategy.OnlyFirst,
                "only_second" => TruncationStrategy.OnlySecond,
                _ => TruncationStrategy.LongestFirst,
            },
            TruncateLeft = options.TryGetProperty("truncation_side", out var side) && side.GetString() == "left",
            ReturnOverflow = options.TryGetProperty("return_overflowing_tokens", out var overflow) && overflow.GetBoolean(),
            Stride = options.TryGetProperty("stride", out var stride) ? stride.GetInt32() : 0,
        };
    }

    private static string? Difference(JsonElement expected, TokenEncoding actual)
    {
        var offsets = expected.GetProperty("offsets_utf16") is { ValueKind: JsonValueKind.Array } utf16 ? utf16 : expected.GetProperty("offsets");
        var pairs = offsets.EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32())).ToArray();
        var words = expected.GetProperty("word_ids").EnumerateArray().Select(w => w.ValueKind == JsonValueKind.Null ? -1 : w.GetInt32()).ToArray();
        var special = Integers(expected.GetProperty("special_tokens_mask"));
        return !Integers(expected.GetProperty("ids")).SequenceEqual(actual.Ids) ? $"ids {string.Join(' ', actual.Ids)}, not {expected.GetProperty("ids")}"
            : !Integers(expected.GetProperty("type_ids")).SequenceEqual(actual.TypeIds) ? $"types {string.Join(' ', actual.TypeIds)}"
            : !pairs.SequenceEqual(actual.Starts.Zip(actual.Ends)) ? $"offsets {string.Join(' ', actual.Starts.Zip(actual.Ends))}, not {offsets}"
            : !words.SequenceEqual(actual.WordIds) ? $"words {string.Join(' ', actual.WordIds)}"
            : !special.SequenceEqual(Enumerable.Range(0, actual.Length).Select(i => actual.IsSpecial(i) ? 1 : 0)) ? "special tokens" : null;
    }

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    private static string[] ReadLines(string path) => File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
