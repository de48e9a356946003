using System.Text.Json.Nodes;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// The special tokens of a family, in the order of their ids, with their roles, and what stands around a text. It is what the tokenizers of
/// the published models have, so that a model over a vocabulary of one's own is used as those are.
/// </summary>
public sealed record TokenizerFrame
{
    private TokenizerFrame(IReadOnlyList<string> special, params IReadOnlyList<(string Role, string Token)> roles) => (Special, Roles) = (special, roles);

    /// <summary>&lt;s&gt; A &lt;/s&gt;, and &lt;/s&gt; B &lt;/s&gt; for a second text.</summary>
    public static TokenizerFrame Roberta { get; } = new(
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        ("bos_token", "<s>"), ("cls_token", "<s>"), ("pad_token", "<pad>"), ("eos_token", "</s>"), ("sep_token", "</s>"), ("unk_token", "<unk>"), ("mask_token", "<mask>"))
    {
        Before = "<s>",
        After = "</s>",
        IsDoubled = true,
    };

    /// <summary>[CLS] A [SEP] B [SEP].</summary>
    public static TokenizerFrame ModernBert { get; } = new(
        ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"],
        ("unk_token", "[UNK]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"), ("mask_token", "[MASK]"))
    {
        Before = "[CLS]",
        After = "[SEP]",
    };

    /// <summary>A &lt;/s&gt; B &lt;/s&gt;, as T5.</summary>
    public static TokenizerFrame Ending { get; } = new(
        ["<unk>", "<s>", "</s>", "<pad>"], ("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>"), ("pad_token", "<pad>"))
    {
        After = "</s>",
    };

    /// <summary>They take the first ids.</summary>
    public IReadOnlyList<string> Special { get; }

    /// <summary>The fields of tokenizer_config.json.</summary>
    internal IReadOnlyList<(string Role, string Token)> Roles { get; }

    private string? Before { get; init; }

    private string? After { get; init; }

    /// <summary>The token behind a text stands twice between two.</summary>
    private bool IsDoubled { get; init; }

    /// <summary>The ids of the roles.</summary>
    internal SpecialTokens Ids => new()
    {
        Pad = IdOf("pad_token"),
        Unknown = IdOf("unk_token"),
        Classification = IdOf("cls_token"),
        Separator = IdOf("sep_token"),
        Mask = IdOf("mask_token"),
        Beginning = IdOf("bos_token"),
        End = IdOf("eos_token"),
    };

    /// <summary>The template of tokenizer.json; every segment is of type 0.</summary>
    internal JsonObject Template()
    {
        IEnumerable<string?> first = [Before, "A", After];
        IEnumerable<string?> second = [IsDoubled ? After : null, "B", After];
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = Pieces(first),
            ["pair"] = Pieces([.. first, .. second]),
            ["special_tokens"] = new JsonObject(new[] { Before, After }.OfType<string>().Select(t => KeyValuePair.Create(t, (JsonNode?)new JsonObject
            {
                ["id"] = t,
                ["ids"] = new JsonArray(IndexOf(t)),
                ["tokens"] = new JsonArray(t),
            }))),
        };

        static JsonArray Pieces(IEnumerable<string?> parts) => new([.. parts.OfType<string>().Select(p => (JsonNode)new JsonObject
        {
            [p is "A" or "B" ? "Sequence" : "SpecialToken"] = new JsonObject { ["id"] = p, ["type_id"] = 0 },
        })]);
    }

    private int? IdOf(string role) => Roles.FirstOrDefault(r => r.Role == role).Token is { } token ? IndexOf(token) : null;

    private int IndexOf(string token) => Special.ToList().IndexOf(token);
}
