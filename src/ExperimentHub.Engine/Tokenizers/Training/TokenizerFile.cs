using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>A learned tokenizer as <c>tokenizer.json</c> with its <c>tokenizer_config.json</c>: the forms of tokenizers 0.23 and transformers 5.</summary>
public sealed class TokenizerFile
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject _tokenizer;
    private readonly JsonObject _config;

    private TokenizerFile(JsonObject model, int size, IReadOnlyList<string> special, JsonObject roles, JsonNode? normalizer, JsonNode preTokenizer, JsonNode? postProcessor, JsonNode decoder)
    {
        VocabularySize = size;
        var added = special.Select((content, id) => (JsonNode)new JsonObject
        {
            ["id"] = id,
            ["content"] = content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        });
        _tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added]),
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = postProcessor,
            ["decoder"] = decoder,
            ["model"] = model,
        };
        _config = roles;
        _config["tokenizer_class"] = "PreTrainedTokenizerFast";
        _config["clean_up_tokenization_spaces"] = false;
    }

    /// <summary>Tokens that came out, special ones included.</summary>
    public int VocabularySize { get; }

    /// <summary>Writes both files into a folder that exists.</summary>
    public void Save(string folder)
    {
        AtomicFile.WriteAllText(Path.Combine(folder, "tokenizer.json"), _tokenizer.ToJsonString(s_options));
        AtomicFile.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), _config.ToJsonString(s_options));
    }

    internal static TokenizerFile OfWordPiece(IReadOnlyList<string> tokens, bool lowercase)
    {
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        var model = new JsonObject
        {
            ["type"] = "WordPiece",
            ["unk_token"] = "[UNK]",
            ["continuing_subword_prefix"] = "##",
            ["max_input_chars_per_word"] = 100,
            ["vocab"] = Ids(tokens),
        };
        var roles = new JsonObject { ["pad_token"] = "[PAD]", ["unk_token"] = "[UNK]", ["cls_token"] = "[CLS]", ["sep_token"] = "[SEP]", ["mask_token"] = "[MASK]" };
        var normalizer = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = lowercase };
        return new TokenizerFile(model, tokens.Count, special, roles, normalizer, Part("BertPreTokenizer"), BertFrame(), new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true });
    }

    /// <param name="learned">The vocabulary.</param>
    /// <param name="special">Its first tokens, where no <paramref name="frame"/> says which they are.</param>
    /// <param name="frame">What stands around a text; null: nothing.</param>
    internal static TokenizerFile OfByteLevel(BytePairVocabulary learned, IReadOnlyList<string> special, TokenizerFrame? frame = null)
    {
        var roles = new JsonObject { ["bos_token"] = special[0], ["eos_token"] = special[0], ["pad_token"] = special[1] };
        return new TokenizerFile(
            Merges(learned, unknown: null), learned.Tokens.Count, frame?.Special ?? special, RolesOf(frame) ?? roles, null, ByteLevel(trims: true), frame?.Template() ?? ByteLevel(trims: false), ByteLevel(trims: true));
    }

    internal static TokenizerFile OfBytePairs(BytePairVocabulary learned, IReadOnlyList<string> special) =>
        new(Merges(learned, special[0]), learned.Tokens.Count, special, SentencePieceRoles(special), null, Metaspace(), null, Metaspace());

    /// <inheritdoc cref="OfByteLevel"/>
    internal static TokenizerFile OfUnigram(UnigramVocabulary learned, IReadOnlyList<string> special, TokenizerFrame? frame = null)
    {
        var model = new JsonObject
        {
            ["type"] = "Unigram",
            ["unk_id"] = learned.UnknownId,
            ["vocab"] = new JsonArray([.. learned.Tokens.Select(t => (JsonNode)new JsonArray(t.Token, t.Score))]),
            ["byte_fallback"] = false,
        };
        return new TokenizerFile(model, learned.Tokens.Count, frame?.Special ?? special, RolesOf(frame) ?? SentencePieceRoles(special), null, Metaspace(), frame?.Template(), Metaspace());
    }

    private static JsonObject? RolesOf(TokenizerFrame? frame) =>
        frame is null ? null : new(frame.Roles.Select(r => KeyValuePair.Create(r.Role, (JsonNode?)r.Token)));

    private static JsonObject Part(string type) => new() { ["type"] = type };

    private static JsonObject Ids(IReadOnlyList<string> tokens) => new(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    private static JsonObject Merges(BytePairVocabulary learned, string? unknown) => new()
    {
        ["type"] = "BPE",
        ["dropout"] = null,
        ["unk_token"] = unknown,
        ["continuing_subword_prefix"] = null,
        ["end_of_word_suffix"] = null,
        ["fuse_unk"] = unknown is not null,
        ["byte_fallback"] = false,
        ["ignore_merges"] = false,
        ["vocab"] = Ids(learned.Tokens),
        ["merges"] = new JsonArray([.. learned.Merges.Select(m => (JsonNode)new JsonArray(m.Left, m.Right))]),
    };

    private static JsonObject SentencePieceRoles(IReadOnlyList<string> special) =>
        new() { ["unk_token"] = special[0], ["bos_token"] = special[1], ["eos_token"] = special[2], ["pad_token"] = special[3] };

    private static JsonObject ByteLevel(bool trims) => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = trims, ["use_regex"] = true };

    private static JsonObject Metaspace() => new() { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = "always", ["split"] = true };

    /// <summary>[CLS] A [SEP], and B [SEP] of the second segment; their ids are 2 and 3.</summary>
    private static JsonObject BertFrame()
    {
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0)),
            ["pair"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0), Sequence("B", 1), Special("[SEP]", 1)),
            ["special_tokens"] = new JsonObject { ["[CLS]"] = Token("[CLS]", 2), ["[SEP]"] = Token("[SEP]", 3) },
        };

        static JsonObject Special(string token, int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };
        static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        static JsonObject Token(string token, int id) => new() { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
    }
}
