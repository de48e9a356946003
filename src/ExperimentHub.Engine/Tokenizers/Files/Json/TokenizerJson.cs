using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.ByteLevel;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads <c>tokenizer.json</c>. A component that is not known is refused by its name: guessing would give other tokens.</summary>
internal sealed class TokenizerJson(JsonFile file)
{
    private readonly ComponentReader _components = new(file);

    internal TokenizerParts Read(TokenizerSettings settings)
    {
        var root = file.Root;
        var normalizer = _components.Normalizer(JsonFile.Member(root, "normalizer"));
        var preTokenizer = _components.PreTokenizer(JsonFile.Member(root, "pre_tokenizer"));
        var decoder = new DecoderReader(file, _components).Read(JsonFile.Member(root, "decoder"));
        var modelElement = JsonFile.Member(root, "model") is { ValueKind: JsonValueKind.Object } m ? m : throw file.Wrong("model", "an object");
        var (model, vocabulary) = new ModelReader(file).Read(modelElement);
        var addedTokens = ReadAddedTokens(root, vocabulary);
        Complete(addedTokens, settings, vocabulary);
        var (templates, trims) = new PostProcessorReader(file, vocabulary).Read(JsonFile.Member(root, "post_processor"));
        return new TokenizerParts
        {
            Vocabulary = vocabulary,
            AddedTokens = addedTokens,
            Normalizer = normalizer,
            PreTokenizer = TakeBytes(preTokenizer, model),
            Model = model,
            Templates = templates,
            Trims = trims,
            Decoder = decoder,
            Special = settings.Roles(vocabulary),
            ModelMaxLength = settings.ModelMaxLength,
            Warnings = settings.Warnings,
        };
    }

    /// <summary>Where ByteLevel comes last before a byte-level BPE, the model writes the bytes itself, which spares a copy of all text.</summary>
    internal static PreTokenizer? TakeBytes(PreTokenizer? preTokenizer, TokenModel model)
    {
        if (model is not BpeModel { MayTakeBytes: true } bpe)
        {
            return preTokenizer;
        }

        if (preTokenizer is ByteLevelPreTokenizer alone)
        {
            bpe.TakesBytes = true;
            return alone.WithoutRewriting;
        }

        if (preTokenizer is SequencePreTokenizer { Steps: var steps } && steps.Count > 0 && steps[^1] is ByteLevelPreTokenizer last && !steps.SkipLast(1).Any(s => s is ByteLevelPreTokenizer))
        {
            bpe.TakesBytes = true;
            return new SequencePreTokenizer([.. steps.SkipLast(1), last.WithoutRewriting]);
        }

        return preTokenizer;
    }

    internal static AddedToken AddedTokenOf(JsonFile file, JsonElement element, string content, int id) => new(content, id)
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

    /// <summary>As transformers does: what the settings name as special is special, though the tokenizer's own file does not list it.</summary>
    private static void Complete(List<AddedToken> tokens, TokenizerSettings settings, Vocabulary vocabulary)
    {
        foreach (var token in settings.AddedTokens.Concat(settings.RoleTokens()).Concat(settings.AdditionalTokens))
        {
            if (vocabulary.Find(token.Content) is { } id && tokens.TrueForAll(t => t.Content != token.Content))
            {
                tokens.Add(token with { Id = id });
            }
        }
    }

    private List<AddedToken> ReadAddedTokens(JsonElement root, Vocabulary vocabulary)
    {
        var tokens = new List<AddedToken>();
        foreach (var element in file.List(root, "added_tokens"))
        {
            var content = file.Text(element, "content") ?? throw file.Wrong("added_tokens", "a list of tokens with content");
            var id = JsonFile.Member(element, "id") is { } value ? file.Id(value, content) : throw file.Wrong("added_tokens", "a list of tokens with ids");
            tokens.Add(AddedTokenOf(file, element, content, id));
            Join(file.Name, vocabulary, content, id);
        }

        return tokens;
    }
}
