using System.Globalization;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary>What a family must find in a tokenizer.</summary>
[Flags]
public enum TokenNeeds
{
    None = 0,

    /// <summary>A token that fills rows up.</summary>
    Padding = 1,

    /// <summary>The tokens before and behind a text (<c>[CLS]</c> and <c>[SEP]</c>), which classifiers read.</summary>
    Frame = 2,

    /// <summary>A token that ends a text.</summary>
    End = 4,

    /// <summary>Positions are counted from the padding token's id, which must therefore be small.</summary>
    EarlyPadding = 8,
}

/// <summary>A family that a model can be begun in: its sizes, the tokenizer that is learned for it, and its <c>config.json</c>.</summary>
public sealed class FamilyPreset
{
    private const int LatestPadding = 100;

    private readonly Action<JsonObject, ModelPreset, SpecialTokens> _describe;

    internal FamilyPreset(string type, string title, TokenizerTraining tokenizer, TokenNeeds needs, IReadOnlyList<ModelPreset> sizes, Action<JsonObject, ModelPreset, SpecialTokens> describe)
    {
        (Type, Title, Tokenizer, Needs, Sizes) = (type, title, tokenizer, needs, sizes);
        _describe = describe;
    }

    /// <summary><c>model_type</c> of Hugging Face.</summary>
    public string Type { get; }

    /// <summary>What people call it.</summary>
    public string Title { get; }

    /// <summary>One of <see cref="ModelKinds"/>.</summary>
    public string Kind => ModelFamily.OfType(Type).Kind;

    /// <summary>The kind of tokenizer that is learned for it from a data set.</summary>
    public TokenizerTraining Tokenizer { get; }

    public TokenNeeds Needs { get; }

    /// <summary>It tells the first text of a pair from the second by a vector of its own.</summary>
    internal bool HasTokenTypes { get; init; }

    public IReadOnlyList<ModelPreset> Sizes { get; }

    /// <exception cref="InputException">There is none.</exception>
    public ModelPreset Size(string name) => Sizes.FirstOrDefault(s => s.Name == name) ?? throw new InputException(
        $"There is no size '{InputException.Quote(name)}' of {Title}; there are {string.Join(", ", Sizes.Select(s => s.Name))}.", "model.preset", InputException.Quote(name), Title, string.Join(", ", Sizes.Select(s => s.Name)));

    /// <summary>The model of this size over a vocabulary that is learned for it.</summary>
    public ModelPlan Plan(ModelPreset size, int vocabularySize) => Plan(size, vocabularySize, Tokenizer.Roles);

    /// <summary>The model of this size over a tokenizer.</summary>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="vocabularySize">Rows of the word embeddings.</param>
    /// <param name="special">The tokenizer's special tokens, which pass <see cref="Check"/>.</param>
    public ModelPlan Plan(ModelPreset size, int vocabularySize, SpecialTokens special)
    {
        var config = new JsonObject { ["model_type"] = Type, ["vocab_size"] = vocabularySize, ["torch_dtype"] = "float32" };
        _describe(config, size, special);
        foreach (var (name, value) in config.ToList())
        {
            // transformers 5 takes 1 for a whole number and refuses it where a real one belongs.
            if (value is JsonValue number && number.TryGetValue(out double real) && real == Math.Floor(real))
            {
                config[name] = JsonNode.Parse(real.ToString("F1", CultureInfo.InvariantCulture));
            }
        }

        return new ModelPlan(config);
    }

    /// <summary>Holds a tokenizer against what the family needs.</summary>
    /// <exception cref="InputException">It lacks a token.</exception>
    public void Check(TokenizerRoles tokenizer)
    {
        var special = tokenizer.Special;
        if (Needs.HasFlag(TokenNeeds.Frame) && !tokenizer.IsFramed)
        {
            throw new InputException($"The tokenizer puts no [CLS] and [SEP] around a text, between which {Title} reads it; choose a WordPiece tokenizer, or that of another encoder.", "model.tokenizer_frame", Title);
        }

        if (Needs.HasFlag(TokenNeeds.End) && special.End is null)
        {
            throw new InputException($"The tokenizer has no token that ends a text (eos_token), without which {Title} never stops writing; choose a byte-level, BPE or unigram tokenizer.", "model.tokenizer_end", Title);
        }

        if (Needs.HasFlag(TokenNeeds.Padding) && special.Pad is null)
        {
            throw new InputException($"The tokenizer has no padding token (pad_token), which {Title} needs; choose another, or name one in its tokenizer_config.json.", "model.tokenizer_pad", Title);
        }

        if (Needs.HasFlag(TokenNeeds.EarlyPadding) && special.Pad > LatestPadding)
        {
            throw new InputException($"{Title} counts positions from the padding token's id, which is {special.Pad} here; choose a tokenizer whose special tokens come first.", "model.tokenizer_pad_late", Title, special.Pad);
        }
    }

    /// <summary>What is worth knowing of a tokenizer that will do; null: nothing.</summary>
    public Warning? Warn(SpecialTokens special) => Kind == ModelKinds.Encoder && special.Mask is null
        ? new Warning("no_mask", "The tokenizer has no [MASK] token, so the model cannot be pre-trained on masked words.")
        : null;
}
