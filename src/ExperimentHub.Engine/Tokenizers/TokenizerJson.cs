using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.PostProcessors;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads <c>tokenizer.json</c>. A component that is not known is refused by its name: guessing would give other tokens.</summary>
internal sealed class TokenizerJson(JsonFile file)
{
    private const int MaxCharsPerWordLimit = 100_000;

    private readonly ComponentReader _components = new(file);

    internal TokenizerParts Read(TokenizerSettings settings)
    {
        var root = file.Root;
        var normalizer = _components.Normalizer(JsonFile.Member(root, "normalizer"));
        var preTokenizer = _components.PreTokenizer(JsonFile.Member(root, "pre_tokenizer"));
        var decoder = ReadDecoder(JsonFile.Member(root, "decoder"));
        var modelElement = JsonFile.Member(root, "model") is { ValueKind: JsonValueKind.Object } m ? m : throw file.Wrong("model", "an object");
        RequireWordPiece(modelElement);
        var vocabulary = ReadVocabulary(modelElement);
        var addedTokens = ReadAddedTokens(root, vocabulary);
        var model = ReadModel(modelElement, vocabulary);
        return new TokenizerParts
        {
            Vocabulary = vocabulary,
            AddedTokens = addedTokens,
            Normalizer = normalizer,
            PreTokenizer = preTokenizer,
            Model = model,
            Templates = ReadTemplates(JsonFile.Member(root, "post_processor"), vocabulary),
            Decoder = decoder,
            Special = settings.Roles(vocabulary),
            ModelMaxLength = settings.ModelMaxLength,
            Warnings = settings.Warnings,
        };
    }

    /// <summary>Older files name no type; theirs is known by its fields.</summary>
    private void RequireWordPiece(JsonElement model)
    {
        var type = file.Text(model, "type")
            ?? (JsonFile.Member(model, "merges") is not null ? "BPE"
                : JsonFile.Member(model, "max_input_chars_per_word") is not null ? "WordPiece"
                : JsonFile.Member(model, "unk_id") is not null ? "Unigram" : "WordLevel");
        if (type != "WordPiece")
        {
            throw file.Unknown("model", type);
        }
    }

    private Vocabulary ReadVocabulary(JsonElement model)
    {
        if (JsonFile.Member(model, "vocab") is not { ValueKind: JsonValueKind.Object } vocab)
        {
            throw file.Wrong("vocab", "an object of tokens and ids");
        }

        var ids = new Dictionary<string, int>();
        var owners = new Dictionary<int, string>();
        foreach (var property in vocab.EnumerateObject())
        {
            var token = property.Name;
            var id = file.Id(property.Value, token);
            if (!ids.TryAdd(token, id))
            {
                throw new InputException(
                    $"{file.Name}: the token '{InputException.Quote(token)}' stands twice in the vocabulary; take the original file.",
                    "tokenizer.token_twice",
                    file.Name,
                    InputException.Quote(token));
            }

            if (!owners.TryAdd(id, token))
            {
                throw new InputException(
                    $"{file.Name}: the tokens '{InputException.Quote(owners[id])}' and '{InputException.Quote(token)}' both have the id {id}; take the original file.",
                    "tokenizer.id_twice",
                    file.Name,
                    InputException.Quote(token),
                    id);
            }
        }

        return ids.Count > 0 ? new Vocabulary(ids) : throw file.Wrong("vocab", "an object with at least one token");
    }

    private List<AddedToken> ReadAddedTokens(JsonElement root, Vocabulary vocabulary)
    {
        var tokens = new List<AddedToken>();
        foreach (var element in file.List(root, "added_tokens"))
        {
            var content = file.Text(element, "content") ?? throw file.Wrong("added_tokens", "a list of tokens with content");
            var id = JsonFile.Member(element, "id") is { } value ? file.Id(value, content) : throw file.Wrong("added_tokens", "a list of tokens with ids");
            tokens.Add(AddedTokenOf(element, content, id));
            Join(file.Name, vocabulary, content, id);
        }

        return tokens;
    }

    internal AddedToken AddedTokenOf(JsonElement element, string content, int id) => new(content, id)
    {
        Special = file.Flag(element, "special") ?? false,
        SingleWord = file.Flag(element, "single_word") ?? false,
        LeftStrip = file.Flag(element, "lstrip") ?? false,
        RightStrip = file.Flag(element, "rstrip") ?? false,
        Normalized = file.Flag(element, "normalized") ?? true,
    };

    /// <summary>Puts an added token beside the vocabulary's own; the same id for another token is a damaged file.</summary>
    internal static void Join(string fileName, Vocabulary vocabulary, string content, int id)
    {
        var (knownId, knownToken) = (vocabulary.Find(content), vocabulary.Token(id));
        if ((knownId ?? id) != id || (knownToken ?? content) != content)
        {
            throw new InputException(
                $"{fileName}: the added token '{InputException.Quote(content)}' has the id {id}, which does not fit the vocabulary; take the original file.",
                "tokenizer.added_id",
                fileName,
                InputException.Quote(content),
                id);
        }

        vocabulary.Add(content, id);
    }

    private WordPieceModel ReadModel(JsonElement model, Vocabulary vocabulary)
    {
        var unknown = file.Text(model, "unk_token") ?? "[UNK]";
        var longest = file.Integer(model, "max_input_chars_per_word") ?? 100;
        if (longest is < 1 or > MaxCharsPerWordLimit)
        {
            throw file.Wrong("max_input_chars_per_word", $"between 1 and {MaxCharsPerWordLimit}");
        }

        var unknownId = vocabulary.Find(unknown) ?? throw TokenizerFolder.MissingToken(file.Name, unknown);
        return new WordPieceModel(vocabulary, unknownId, file.Text(model, "continuing_subword_prefix") ?? "##", longest);
    }

    private TokenDecoder ReadDecoder(JsonElement? element)
    {
        if (element is not { } decoder)
        {
            return new SpaceDecoder();
        }

        var type = file.Text(decoder, "type");
        return type == "WordPiece"
            ? new WordPieceDecoder(file.Text(decoder, "prefix") ?? "##", file.Flag(decoder, "cleanup") ?? true)
            : throw file.Unknown("decoder", type);
    }

    private TemplatePair ReadTemplates(JsonElement? element, Vocabulary vocabulary)
    {
        if (element is not { } processor)
        {
            return TemplatePair.Bare;
        }

        var type = file.Text(processor, "type");
        return type switch
        {
            "BertProcessing" => TemplatePair.Bert(ProcessorToken(processor, "cls"), ProcessorToken(processor, "sep")),
            "RobertaProcessing" => TemplatePair.Roberta(ProcessorToken(processor, "cls"), ProcessorToken(processor, "sep")),
            "TemplateProcessing" => ReadTemplateProcessing(processor, vocabulary),
            _ => throw file.Unknown("post-processor", type),
        };
    }

    private int ProcessorToken(JsonElement processor, string field)
    {
        var pair = file.List(processor, field).ToList();
        return pair.Count == 2 && pair[0].ValueKind == JsonValueKind.String
            ? file.Id(pair[1], pair[0].GetString()!)
            : throw file.Wrong(field, "a token and its id");
    }

    private TemplatePair ReadTemplateProcessing(JsonElement processor, Vocabulary vocabulary)
    {
        var special = new Dictionary<string, IReadOnlyList<int>>();
        if (JsonFile.Member(processor, "special_tokens") is { ValueKind: JsonValueKind.Object } tokens)
        {
            foreach (var property in tokens.EnumerateObject())
            {
                var ids = file.List(property.Value, "ids").Select(v => file.Id(v, property.Name)).ToList();
                if (ids.FirstOrDefault(id => vocabulary.Token(id) is null, -1) is var outside and >= 0)
                {
                    throw new InputException(
                        $"{file.Name}: the template's token '{InputException.Quote(property.Name)}' has the id {outside}, which is not in the vocabulary.",
                        "tokenizer.template_id",
                        file.Name,
                        InputException.Quote(property.Name),
                        outside);
                }

                special[property.Name] = ids;
            }
        }

        var single = ReadTemplate(processor, "single", special);
        var pair = ReadTemplate(processor, "pair", special);
        if (single.Parts.Count(p => p.Sequence == 0) != 1 || single.Parts.Any(p => p.Sequence == 1))
        {
            throw file.Wrong("single", "a template with the text A once");
        }

        if (pair.Parts.Count(p => p.Sequence == 0) != 1 || pair.Parts.Count(p => p.Sequence == 1) != 1)
        {
            throw file.Wrong("pair", "a template with the texts A and B once each");
        }

        return new TemplatePair(single, pair);
    }

    private Template ReadTemplate(JsonElement processor, string field, Dictionary<string, IReadOnlyList<int>> special)
    {
        var parts = new List<TemplatePart>();
        foreach (var piece in file.List(processor, field))
        {
            if (JsonFile.Member(piece, "Sequence") is { } sequence)
            {
                var number = file.Text(sequence, "id") switch { "A" => 0, "B" => 1, _ => throw file.Wrong(field, "made of A and B") };
                parts.Add(new([], number, TypeId(sequence)));
            }
            else if (JsonFile.Member(piece, "SpecialToken") is { } token)
            {
                var name = file.Text(token, "id") ?? "";
                var ids = special.GetValueOrDefault(name) ?? throw new InputException(
                    $"{file.Name}: the template uses '{InputException.Quote(name)}', which its special_tokens do not define.",
                    "tokenizer.template_token",
                    file.Name,
                    InputException.Quote(name));
                parts.Add(new(ids, -1, TypeId(token)));
            }
            else
            {
                throw file.Wrong(field, "made of Sequence and SpecialToken");
            }
        }

        return new Template(parts);
    }

    private int TypeId(JsonElement part)
    {
        var type = file.Integer(part, "type_id") ?? 0;
        return type is >= 0 and <= byte.MaxValue ? type : throw file.Wrong("type_id", "between 0 and 255");
    }
}
