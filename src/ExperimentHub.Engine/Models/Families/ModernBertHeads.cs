using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>Dense layer, activation, normalisation: what stands before the last layer of each of ModernBERT's heads.</summary>
internal sealed class ModernBertPrediction(Place place, ModernBertConfig config)
{
    private readonly Linear _dense = new(place.At("dense"), config.HiddenSize, config.HiddenSize, bias: config.HeadBias);
    private readonly Func<Tensor, Tensor> _activation = Activation.Of(config.HeadActivation);
    private readonly LayerNorm _norm = new(place.At("norm"), config.HiddenSize, config.NormEpsilon, config.NormBias);

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _norm.Forward(_activation(_dense.Forward(x))).MoveToOuterDisposeScope();
    }

    /// <summary>The last layer, which transformers initialises by its width.</summary>
    public static Linear Classifier(Place place, ModernBertConfig config, string setting, int classes) =>
        new(place.At("classifier").With(Initialisation.Normal(1 / Math.Sqrt(config.HiddenSize), config.InitializerCutoff)), classes, config.HiddenSize, setting);
}

/// <summary>Classes of texts, from the first token or the mean of all.</summary>
internal sealed class ModernBertSequenceHead(Place place, ModernBertConfig config, int classes) : SequenceHead
{
    private readonly ModernBertPrediction _prediction = new(place.At("head"), config);
    private readonly Linear _classifier = ModernBertPrediction.Classifier(place, config, "id2label", classes);

    public override Tensor Pick(Tensor hidden, PaddedBatch batch)
    {
        if (config.Pooling == "cls")
        {
            return base.Pick(hidden, batch);
        }

        if (batch.Mask is null)
        {
            return hidden.mean([1]);
        }

        using var scope = NewDisposeScope();
        var real = batch.Mask.unsqueeze(-1).to(hidden.dtype);
        return ((hidden * real).sum(1) / real.sum(1)).MoveToOuterDisposeScope();
    }

    public override Tensor Classify(Tensor features, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var states = _prediction.Forward(features);
        return _classifier.Forward(dropout?.Apply(states, config.HeadDropout) ?? states).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}

/// <summary>Classes of tokens, or the beginning and end of an answer.</summary>
internal sealed class ModernBertTokenHead(Place place, ModernBertConfig config, string setting, int classes) : EncoderHead
{
    private readonly ModernBertPrediction _prediction = new(place.At("head"), config);
    private readonly Linear _classifier = ModernBertPrediction.Classifier(place, config, setting, classes);

    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout)
    {
        var states = _prediction.Forward(hidden);
        return new EncoderOutput { Hidden = hidden, Logits = _classifier.Forward(dropout?.Apply(states, config.HeadDropout) ?? states).to(ScalarType.Float32) };
    }
}

/// <summary>Scores of words, with the word embeddings as the last matrix.</summary>
internal sealed class ModernBertWordHead : EncoderHead
{
    private readonly ModernBertPrediction _prediction;
    private readonly WeightProduct _decoder;

    public ModernBertWordHead(Place place, ModernBertConfig config, Weight words)
    {
        _prediction = new(place.At("head"), config);
        var decoder = place.Add(new Weight(place.Depth, place.Initial, [config.HiddenSize], "vocab_size", new WeightPart("decoder.weight", config.VocabSize))
        {
            MayTieTo = config.TiesWordEmbeddings ? words : null,
        });
        _decoder = new(decoder, config.DecoderBias ? place.Add("decoder.bias", [config.VocabSize], "vocab_size", Initialisation.Zero) : null);
    }

    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout) =>
        new() { Hidden = hidden, Logits = _decoder.Of(_prediction.Forward(hidden)).to(ScalarType.Float32) };
}
