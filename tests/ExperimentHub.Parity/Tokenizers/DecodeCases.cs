using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Ids and the text they are decoded to, at once and one after another.</summary>
internal static class DecodeCases
{
    public static string? Check(Tokenizer tokenizer, JsonElement expected) => Check(tokenizer, expected, Rows.Integers(expected.GetProperty("ids")));

    public static string? Check(Tokenizer tokenizer, JsonElement expected, int[] ids) =>
        Differ("decoded", expected, tokenizer.Decode(ids))
        ?? Differ("decoded_raw", expected, tokenizer.Decode(ids, skipSpecialTokens: false))
        ?? Differ("decoded_clean", expected, TextCleanUp.Apply(tokenizer.Decode(ids)));

    public static string? CheckStream(Tokenizer tokenizer, JsonElement expected)
    {
        var ids = Rows.Integers(expected.GetProperty("ids"));
        var skip = expected.GetProperty("skip_special_tokens").GetBoolean();
        var full = expected.GetProperty("full").GetString()!;
        if (tokenizer.Decode(ids, skip) is var decoded && decoded != full)
        {
            return $"full '{decoded}', not '{full}'";
        }

        var stream = tokenizer.Stream(skip);
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            var piece = stream.Add(id);
            if (piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])))
            {
                return $"a piece holds half a character after '{text}'";
            }

            text.Append(piece);
        }

        text.Append(stream.Finish());
        return text.ToString() == full ? null : $"pieces '{text}', not '{full}'";
    }

    private static string? Differ(string what, JsonElement expected, string actual) =>
        !expected.TryGetProperty(what, out var value) || value.ValueKind != JsonValueKind.String || value.GetString() == actual ? null
            : $"{what} '{actual}', not '{value.GetString()}'";
}
