using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.Decoders;

// Shapes: B rows, T tokens, V vocabulary, C width, P tokens that a cache holds already.

/// <summary>A decoder of texts with a head, under torch's autograd. Without dropout it computes as in evaluation.</summary>
internal abstract class DecoderModel(ModelConfig config, ModelHead head) : PretrainedModel(config, head, Place.Root(config.InitializerRange))
{
    private const long Ignored = -100;

    protected abstract IReadOnlyList<DecoderLayer> Layers { get; }

    /// <summary>Null: the body alone.</summary>
    protected abstract DecoderHead? Top { get; }

    /// <summary>Tokens that a layer with a window sees; null: no layer has one.</summary>
    protected virtual int? Window => null;

    /// <summary>All that the model says of a batch.</summary>
    public DecoderOutput Run(DecoderBatch batch, Dropout? dropout = null, ForwardTrace? trace = null, ICollection<Routing>? routings = null)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device);
        return Run(Words(batch.Ids), batch, dropout, trace, routings).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same from word vectors (B, T, C) that were made elsewhere, behind a <paramref name="prefix"/> or nothing; of the batch's ids only the
    /// shape counts, and for a classifier which of them are padding.
    /// </summary>
    public DecoderOutput Run(Tensor words, DecoderBatch batch, Dropout? dropout = null, ForwardTrace? trace = null, ICollection<Routing>? routings = null, Prefix? prefix = null)
    {
        using var scope = NewDisposeScope();
        var hidden = Encode(words, batch, prefix, dropout, trace, routings);
        var own = prefix is null || batch.Mask is null ? batch : batch with { Mask = batch.Mask.narrow(1, prefix.Length, batch.Length) };
        return new DecoderOutput(hidden, Top?.Forward(hidden, own)).MoveToOuterDisposeScope();
    }

    /// <summary>(B, V): the scores of what follows the last token of each row, whose keys and values join the cache.</summary>
    public Tensor Continue(DecoderBatch batch, KeyValueCache cache) => Continue(batch, cache, last: true);

    /// <summary>(B, T, V): the same after each token.</summary>
    public Tensor ContinueEach(DecoderBatch batch, KeyValueCache cache) => Continue(batch, cache, last: false);

    /// <summary>
    /// The way of one token a row through the model over plain memory, for as many rows as <see cref="DecoderStep.MostRows"/>; null where a layer,
    /// or the device or precision of the weights, has no such way, and while an adapter is active beside them. Valid until the weights change their place.
    /// </summary>
    public DecoderStep? ToStep()
    {
        if (AllWeights.Any(w => w.IsAdapted))
        {
            return null;
        }

        var layers = Layers.Select(l => l.ToStep()).ToList();
        return layers.All(l => l is not null) && Top?.ToStep() is { } head ? new DecoderStep(this, layers!, LastNorm.ToStep(), head) : null;
    }

    /// <summary>
    /// The mean loss over what is told: of each next token, where labels (B, T) hold −100 for those that do not count, or of the class of
    /// each text (B).
    /// </summary>
    public Tensor Loss(DecoderOutput output, Tensor labels)
    {
        using var scope = NewDisposeScope();
        if (Head == ModelHead.SequenceClassification)
        {
            return HeadLoss.Classification(output.Logits!, labels, Config.ProblemType).MoveToOuterDisposeScope();
        }

        var (logits, length) = (output.Logits!, output.Logits!.shape[1] - 1);
        var predictions = logits.narrow(1, 0, length).reshape(-1, logits.shape[2]);
        return functional.cross_entropy(predictions, labels.narrow(1, 1, length).reshape(-1), ignore_index: Ignored).MoveToOuterDisposeScope();
    }

    /// <summary>Whether what a cache holds of <paramref name="before"/> tokens must be made anew for a text of <paramref name="after"/>.</summary>
    public virtual bool TurnsAnew(long before, long after) => false;

    /// <summary>(B, T, C): vectors of token ids (B, T).</summary>
    public abstract Tensor Words(Tensor ids);

    /// <summary>(B, T, C): what enters the first layer, of word vectors and the positions (B, T) or (T).</summary>
    protected abstract Tensor Embed(Tensor words, Tensor positions, Dropout? dropout);

    /// <summary>(R, C) in 32 bits: the same for one token a row.</summary>
    public Tensor EmbedStep(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (ids, places) = (tensor(tokens.ToArray(), ScalarType.Int64), tensor(positions.ToArray(), ScalarType.Int64));
        return Embed(Words(ids.unsqueeze(1)), places.unsqueeze(1), null).to(ScalarType.Float32).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Rotary tables of the positions (B, T) or (T), for texts of <paramref name="length"/> tokens.</summary>
    protected virtual (RotaryTable? All, RotaryTable? Window) Turn(Tensor positions, long length) => (null, null);

    /// <summary>The same for one token a row.</summary>
    public virtual (StepAngles? All, StepAngles? Window) Turn(ReadOnlySpan<int> positions, long length) => (null, null);

    /// <summary>What follows the last layer.</summary>
    protected abstract DecoderNorm LastNorm { get; }

    /// <summary>(B, T, C) after the final normalisation; the trace's last state is after it too.</summary>
    private Tensor Encode(Tensor words, DecoderBatch batch, PastTokens? cache, Dropout? dropout, ForwardTrace? trace, ICollection<Routing>? routings)
    {
        using var scope = NewDisposeScope();
        var past = cache?.Length ?? 0;
        var positions = batch.Positions ?? arange(past, past + batch.Length, device: Device);
        var (rotary, windowRotary) = Turn(positions, past + batch.Length);
        var pass = new DecoderPass
        {
            Mask = DecoderMask.Build(batch, past, null, Precision),
            Window = Window is { } window ? DecoderMask.Build(batch, past, window, Precision) : null,
            Rotary = rotary,
            WindowRotary = windowRotary,
            Cache = cache,
            Dropout = dropout,
            Trace = trace,
            Routings = routings,
        };
        var hidden = Embed(words, positions, dropout);
        foreach (var layer in Layers)
        {
            trace?.AddHiddenState(hidden);
            hidden = layer.Forward(hidden, pass);
        }

        cache?.Advance(batch.Length);
        hidden = LastNorm.Forward(hidden);
        trace?.AddHiddenState(hidden);
        return hidden.MoveToOuterDisposeScope();
    }

    private Tensor Continue(DecoderBatch batch, KeyValueCache cache, bool last)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        batch = batch.On(Device);
        var hidden = Encode(Words(batch.Ids), batch, cache, null, null, null);
        return Top!.Scores(last ? hidden.select(1, -1) : hidden).MoveToOuterDisposeScope();
    }
}
