using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Generation;

/// <summary>An encoder-decoder that writes: the sources are read once, the prompts are the start token of each text (or more, all of one length).</summary>
internal sealed class TargetDecoding : IDecoding
{
    private readonly EncoderDecoderModel _model;
    private readonly TargetCache _cache;
    private Tensor _encoded;       // (R, S, C)
    private Tensor? _mask;         // (R, S)
    private Tensor? _logits;

    /// <param name="model">With the head that scores words.</param>
    /// <param name="sources">(R, S) int64.</param>
    /// <param name="mask">(R, S): 1 on real tokens; null: all are.</param>
    public TargetDecoding(EncoderDecoderModel model, Tensor sources, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _model = model;
        _cache = new TargetCache(model.Config.DecoderLayers);
        _mask = mask?.to(model.Device, copy: true).DetachFromDisposeScope();
        _encoded = model.Encode(sources.to(model.Device), _mask).DetachFromDisposeScope();
    }

    public int VocabularySize => _model.Config.VocabSize;

    public int MaxLength => _model.MaxTargetLength;

    public Span<float> Begin(IReadOnlyList<int[]> prompts)
    {
        if (prompts.Any(p => p.Length != prompts[0].Length))
        {
            throw new ArgumentException("The beginnings of the targets must be of one length.", nameof(prompts));
        }

        return Read([.. prompts.SelectMany(p => p)], prompts.Count, last: true);
    }

    public Span<float> Next(scoped ReadOnlySpan<int> tokens) => Read(tokens, (int)_encoded.shape[0], last: false);

    public void Select(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(rows.ToArray(), ScalarType.Int64).to(_model.Device);
        _cache.Select(chosen);
        Replace(ref _encoded!, _encoded.index_select(0, chosen));
        if (_mask is not null)
        {
            Replace(ref _mask, _mask.index_select(0, chosen));
        }
    }

    public void Rewind(int tokens) => _cache.Rewind(tokens);

    public void Dispose()
    {
        _cache.Dispose();
        _encoded.Dispose();
        _mask?.Dispose();
        _logits?.Dispose();
    }

    private unsafe Span<float> Read(scoped ReadOnlySpan<int> tokens, int rows, bool last)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var ids = tensor(tokens.ToArray(), ScalarType.Int64).view(rows, -1).to(_model.Device);
        var hidden = _model.Decode(ids, _encoded, _mask, cache: _cache);
        var logits = _model.Score(last ? hidden.select(1, -1) : hidden).cpu().contiguous();
        Replace(ref _logits, logits);
        return new Span<float>((void*)logits.Address(), checked((int)logits.NumberOfElements));
    }

    private static void Replace(ref Tensor? kept, Tensor value)
    {
        value.DetachFromDisposeScope();
        kept?.Dispose();
        kept = value;
    }
}
