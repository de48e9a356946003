using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>The arguments of transformers' <c>tokenizer(...)</c> as our options.</summary>
internal static class CaseOptions
{
    public static EncodeOptions Read(JsonElement options)
    {
        var truncation = Text(options, "truncation") ?? "do_not_truncate";
        var maxLength = Integer(options, "max_length");
        var cuts = truncation is not ("do_not_truncate" or "False" or "false");
        return new EncodeOptions
        {
            AddSpecialTokens = !options.TryGetProperty("add_special_tokens", out var add) || add.GetBoolean(),
            MaxLength = cuts ? maxLength : null,
            Truncation = truncation switch
            {
                "only_first" => TruncationStrategy.OnlyFirst,
                "only_second" => TruncationStrategy.OnlySecond,
                _ => TruncationStrategy.LongestFirst,
            },
            TruncateLeft = Text(options, "truncation_side") == "left",
            ReturnOverflow = options.TryGetProperty("return_overflowing_tokens", out var overflow) && overflow.GetBoolean(),
            Stride = Integer(options, "stride"),
            Padding = Text(options, "padding") is not { } padding || padding is "False" or "do_not_pad" ? null : new Padding
            {
                Length = padding == "max_length" ? maxLength : 0,
                MultipleOf = Integer(options, "pad_to_multiple_of"),
                Left = Text(options, "padding_side") == "left",
            },
        };
    }

    private static string? Text(JsonElement options, string name) =>
        options.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    private static int Integer(JsonElement options, string name) =>
        options.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : 0;
}
