using System.Text.Json;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c> say beside the tokenizer itself.</summary>
internal sealed class TokenizerSettings
{
    /// <summary>transformers writes 10^30 for "no limit"; anything above this means the same.</summary>
    private const double NoLimit = 1_000_000;

    private static readonly HashSet<string> s_knownClasses =
        ["PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend", .. Families().SelectMany(f => new[] { $"{f}Tokenizer", $"{f}TokenizerFast" })];

    private readonly Dictionary<string, string> _tokens = [];

    internal bool LowerCase { get; private init; } = true;

    internal bool HandleChineseChars { get; private init; } = true;

    internal bool? StripAccents { get; private init; }

    internal int? ModelMaxLength { get; private init; }

    /// <summary>Added tokens by id, as newer versions of transformers write them.</summary>
    internal List<AddedToken> AddedTokens { get; } = [];

    internal List<Warning> Warnings { get; } = [];

    internal static TokenizerSettings Read(string folder)
    {
        using var config = JsonFile.ReadIfPresent(folder, "tokenizer_config.json");
        using var map = JsonFile.ReadIfPresent(folder, "special_tokens_map.json");
        TokenizerSettings settings;
        if (config is null)
        {
            settings = new TokenizerSettings();
        }
        else
        {
            settings = new TokenizerSettings
            {
                LowerCase = config.Flag(config.Root, "do_lower_case") ?? true,
                HandleChineseChars = config.Flag(config.Root, "tokenize_chinese_chars") ?? true,
                StripAccents = config.Flag(config.Root, "strip_accents"),
                ModelMaxLength = MaxLength(config),
            };
            settings.ReadClass(config);
            settings.ReadAddedTokens(config);
        }

        foreach (var file in new[] { map, config }.OfType<JsonFile>())
        {
            settings.ReadRoles(file);
        }

        return settings;
    }

    /// <summary>The token of a role such as <c>cls_token</c>, by the files or by custom.</summary>
    internal string Token(string role, string custom) => _tokens.GetValueOrDefault(role, custom);

    internal SpecialTokens Roles(Vocabulary vocabulary) => new()
    {
        Pad = Find(vocabulary, "pad_token", "[PAD]", "<pad>"),
        Unknown = Find(vocabulary, "unk_token", "[UNK]", "<unk>"),
        Classification = Find(vocabulary, "cls_token", "[CLS]", "<s>"),
        Separator = Find(vocabulary, "sep_token", "[SEP]", "</s>"),
        Mask = Find(vocabulary, "mask_token", "[MASK]", "<mask>"),
    };

    private static IEnumerable<string> Families() =>
        ["Bert", "DistilBert", "Electra", "MobileBert", "Albert", "Roberta", "XLMRoberta", "Ernie", "MPNet", "Funnel", "LayoutLM", "ConvBert", "BertJapanese", "SqueezeBert"];

    private static int? MaxLength(JsonFile config) =>
        JsonFile.Member(config.Root, "model_max_length") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var length) && length is > 0 and < NoLimit
            ? (int)length
            : null;

    private int? Find(Vocabulary vocabulary, string role, params ReadOnlySpan<string> customs)
    {
        if (_tokens.TryGetValue(role, out var token))
        {
            return vocabulary.Find(token);
        }

        foreach (var custom in customs)
        {
            if (vocabulary.Find(custom) is { } id)
            {
                return id;
            }
        }

        return null;
    }

    private void ReadClass(JsonFile config)
    {
        if (config.Text(config.Root, "tokenizer_class") is { } name && !s_knownClasses.Contains(name))
        {
            Warnings.Add(new(
                "unknown_tokenizer_class", $"{config.Name} names the class '{InputException.Quote(name)}', which is not known here; the tokenizer's own file decides.",
                config.Name, InputException.Quote(name)));
        }

        if (JsonFile.Member(config.Root, "auto_map") is not null)
        {
            Warnings.Add(new("foreign_code", $"{config.Name} names code of its own (auto_map); it is never run.", config.Name));
        }
    }

    private void ReadAddedTokens(JsonFile config)
    {
        if (JsonFile.Member(config.Root, "added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } tokens)
        {
            return;
        }

        var reader = new TokenizerJson(config);
        foreach (var entry in tokens.EnumerateObject())
        {
            var content = config.Text(entry.Value, "content") ?? throw config.Wrong("added_tokens_decoder", "an object of tokens with content");
            if (!int.TryParse(entry.Name, out var id) || id is < 0 or > Vocabulary.MaxId)
            {
                throw config.Wrong("added_tokens_decoder", "an object with ids as names");
            }

            AddedTokens.Add(reader.AddedTokenOf(entry.Value, content, id));
        }
    }

    private void ReadRoles(JsonFile file)
    {
        foreach (var role in new[] { "pad_token", "unk_token", "cls_token", "sep_token", "mask_token" })
        {
            // A string, or an object with the content and flags.
            var token = JsonFile.Member(file.Root, role) is { ValueKind: JsonValueKind.Object } o ? file.Text(o, "content") : file.Text(file.Root, role);
            if (token is not null)
            {
                _tokens[role] = token;
            }
        }
    }
}
