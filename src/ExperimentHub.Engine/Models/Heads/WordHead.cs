using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>
/// Scores of the words of the vocabulary, as masked language models have them: dense layer, activation, normalisation, then the product
/// with the word embeddings (or a matrix of its own where they are not tied) and a bias.
/// </summary>
internal sealed class WordHead
{
    private readonly Linear _dense;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly LayerNorm _norm;
    private readonly WeightProduct _decoder;

    /// <param name="place">Where the head begins.</param>
    /// <param name="config">Sizes, and whether word embeddings are tied.</param>
    /// <param name="words">The word embeddings (V, E).</param>
    /// <param name="names">How this family calls the layers.</param>
    /// <param name="activation">The activation's name.</param>
    /// <param name="epsilon">Of the normalisation.</param>
    public WordHead(Place place, ModelConfig config, Weight words, WordHeadNames names, string activation, double epsilon)
    {
        var width = words.RowShape[0];
        _dense = new(place.At(names.Dense), width, config.HiddenSize);
        _activation = Activation.Of(activation);
        _norm = new(place.At(names.Norm), width, epsilon);
        var bias = place.Add(names.Bias, [config.VocabSize], "vocab_size", Initialisation.Zero);
        var decoder = place.Add(new Weight(place.Depth, place.Initial, [width], "vocab_size", new WeightPart(place.NameOf(names.Decoder + ".weight"), config.VocabSize))
        {
            MayTieTo = config.TiesWordEmbeddings ? words : null,
        });
        _decoder = new(decoder, bias);
    }

    /// <summary>(…, C) to (…, V) in 32 bits.</summary>
    public Tensor Forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var states = _norm.Forward(_activation(_dense.Forward(hidden)));
        return _decoder.Of(states).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}

/// <summary>Names of the layers of a <see cref="WordHead"/>, below the head's place.</summary>
internal sealed record WordHeadNames(string Dense, string Norm, string Bias, string Decoder);
