using System.Text.Json;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say beside the tokenizer itself.</summary>
internal sealed class TokenizerSettings
{
    /// <summary>transformers writes 10^30 for "no limit"; anything above this means the same.</summary>
    private const double NoLimit = 1_000_000;

    private static readonly string[] s_roles = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token", "bos_token", "eos_token"];

    /// <summary>Roles by name, each as the file wrote it.</summary>
    private readonly Dictionary<string, AddedToken> _tokens = [];

    private readonly Dictionary<string, bool> _flags = [];

    /// <summary>The class in transformers without <c>Tokenizer</c> and <c>Fast</c>, such as <c>Bert</c>; null if no class is named.</summary>
    internal string? Family { get; private set; }

    internal int? ModelMaxLength { get; private set; }

    /// <summary>T5's sentinels; null if the file does not say.</summary>
    internal int? ExtraIds { get; private set; }

    /// <summary>Added tokens by id, as newer versions of transformers write them, then those of <c>added_tokens.json</c>.</summary>
    internal List<AddedToken> AddedTokens { get; } = [];

    /// <summary>Special tokens without a role or id of their own.</summary>
    internal List<AddedToken> AdditionalTokens { get; } = [];

    internal List<Warning> Warnings { get; } = [];

    internal static TokenizerSettings Read(string folder)
    {
        using var config = JsonFile.ReadIfPresent(folder, "tokenizer_config.json");
        using var map = JsonFile.ReadIfPresent(folder, "special_tokens_map.json");
        using var added = JsonFile.ReadIfPresent(folder, "added_tokens.json");
        var settings = new TokenizerSettings();
        if (config is not null)
        {
            settings.ModelMaxLength = MaxLength(config);
            settings.ExtraIds = config.Integer(config.Root, "extra_ids") is { } count
                ? count is >= 0 and <= 10_000 ? count : throw config.Wrong("extra_ids", "between 0 and 10000")
                : null;
            settings.ReadClass(config);
            settings.ReadFlags(config);
            settings.ReadAddedTokens(config);
        }

        foreach (var file in new[] { map, config }.OfType<JsonFile>())
        {
            settings.ReadRoles(file);
        }

        if (added is not null)
        {
            settings.ReadOldAddedTokens(added);
        }

        return settings;
    }

    internal bool? Flag(string name) => _flags.TryGetValue(name, out var value) ? value : null;

    /// <summary>The token of a role such as <c>cls_token</c>; null if the files name none.</summary>
    internal AddedToken? Role(string role) => _tokens.GetValueOrDefault(role);

    /// <summary>The token of a role by the files or by custom.</summary>
    internal string Token(string role, string custom) => _tokens.GetValueOrDefault(role)?.Content ?? custom;

    internal SpecialTokens Roles(Vocabulary vocabulary) => new()
    {
        Pad = Find(vocabulary, "pad_token", "[PAD]", "<pad>"),
        Unknown = Find(vocabulary, "unk_token", "[UNK]", "<unk>"),
        Classification = Find(vocabulary, "cls_token", "[CLS]", "<s>"),
        Separator = Find(vocabulary, "sep_token", "[SEP]", "</s>"),
        Mask = Find(vocabulary, "mask_token", "[MASK]", "<mask>"),
        Beginning = Find(vocabulary, "bos_token", "<s>"),
        End = Find(vocabulary, "eos_token", "</s>"),
    };

    /// <summary>Every token that has a role in the files.</summary>
    internal IEnumerable<AddedToken> RoleTokens() => _tokens.Values;

    private static int? MaxLength(JsonFile config) =>
        JsonFile.Member(config.Root, "model_max_length") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var length) && length is > 0 and < NoLimit
            ? (int)length
            : null;

    /// <summary>A token written as a string or as an object with content and flags.</summary>
    private static AddedToken? TokenOf(JsonFile file, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object when file.Text(element, "content") is { } content => TokenizerJson.AddedTokenOf(file, element, content, -1) with { Special = true },
        JsonValueKind.String => new AddedToken(element.GetString()!, -1) { Special = true },
        _ => null,
    };

    private int? Find(Vocabulary vocabulary, string role, params ReadOnlySpan<string> customs)
    {
        if (_tokens.TryGetValue(role, out var token))
        {
            return vocabulary.Find(token.Content);
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
        if (config.Text(config.Root, "tokenizer_class") is { } name)
        {
            Family = TokenizerFamilies.Of(name);
            if (!TokenizerFamilies.IsKnown(Family))
            {
                Warnings.Add(new(
                    "unknown_tokenizer_class", $"{config.Name} names the class '{InputException.Quote(name)}', which is not known here; the tokenizer's own file decides.",
                    config.Name, InputException.Quote(name)));
            }
        }

        if (JsonFile.Member(config.Root, "auto_map") is not null)
        {
            Warnings.Add(new("foreign_code", $"{config.Name} names code of its own (auto_map); it is never run.", config.Name));
        }
    }

    private void ReadFlags(JsonFile config)
    {
        foreach (var name in new[]
        {
            "do_lower_case", "tokenize_chinese_chars", "strip_accents", "legacy", "add_bos_token", "add_eos_token", "add_prefix_space", "trim_offsets", "keep_accents",
        })
        {
            if (config.Flag(config.Root, name) is { } value)
            {
                _flags[name] = value;
            }
        }
    }

    private void ReadAddedTokens(JsonFile config)
    {
        if (JsonFile.Member(config.Root, "added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } tokens)
        {
            return;
        }

        foreach (var entry in tokens.EnumerateObject())
        {
            var content = config.Text(entry.Value, "content") ?? throw config.Wrong("added_tokens_decoder", "an object of tokens with content");
            if (!int.TryParse(entry.Name, out var id) || id is < 0 or > Vocabulary.MaxId)
            {
                throw config.Wrong("added_tokens_decoder", "an object with ids as names");
            }

            AddedTokens.Add(TokenizerJson.AddedTokenOf(config, entry.Value, content, id));
        }
    }

    private void ReadOldAddedTokens(JsonFile file)
    {
        foreach (var entry in file.Root.EnumerateObject())
        {
            if (AddedTokens.All(t => t.Content != entry.Name))
            {
                var special = _tokens.Values.Concat(AdditionalTokens).Any(t => t.Content == entry.Name);
                AddedTokens.Add(new AddedToken(entry.Name, file.Id(entry.Value, entry.Name)) { Special = special, Normalized = !special });
            }
        }
    }

    private void ReadRoles(JsonFile file)
    {
        foreach (var role in s_roles)
        {
            if (JsonFile.Member(file.Root, role) is { } element)
            {
                _tokens[role] = TokenOf(file, element) ?? throw file.Wrong(role, "a token");
            }
        }

        if (JsonFile.Member(file.Root, "additional_special_tokens") is { ValueKind: JsonValueKind.Array } more)
        {
            AdditionalTokens.AddRange(more.EnumerateArray().Select(e => TokenOf(file, e)).OfType<AddedToken>());
        }
    }
}
