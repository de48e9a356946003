using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Generation;

/// <summary>A decoder that writes a batch of texts: prompts are filled up on the left, and keys and values are kept.</summary>
internal sealed class DecoderDecoding(DecoderModel model) : IDecoding
{
    private readonly KeyValueCache _cache = new(model.Config.Layers);
    private Tensor? _mask;          // (R, tokens so far), null without padding
    private Tensor? _lengths;       // (R, 1): real tokens so far, null without padding
    private Tensor? _logits;

    public int VocabularySize => model.Config.VocabSize;

    public int MaxLength => model.Config.MaxPositions;

    public Span<float> Begin(IReadOnlyList<int[]> prompts)
    {
        using var scope = NewDisposeScope();
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Count, longest];
        var real = new long[prompts.Count, longest];
        for (var row = 0; row < prompts.Count; row++)
        {
            var padding = longest - prompts[row].Length;
            for (var i = 0; i < longest; i++)
            {
                ids[row, i] = i < padding ? model.Config.PadTokenId : prompts[row][i - padding];
                real[row, i] = i < padding ? 0 : 1;
            }
        }

        Tensor? positions = null;
        if (prompts.Any(p => p.Length < longest))
        {
            _mask = tensor(real).DetachFromDisposeScope();
            _lengths = _mask.sum(1, keepdim: true).DetachFromDisposeScope();
            positions = DecoderBatch.PositionsOf(_mask);
        }

        return Keep(model.Continue(new DecoderBatch { Ids = tensor(ids), Mask = _mask, Positions = positions }, _cache));
    }

    public Span<float> Next(scoped ReadOnlySpan<int> tokens)
    {
        using var scope = NewDisposeScope();
        var rows = _logits!.shape[0];
        var each = tokens.Length / rows;
        var ids = new long[tokens.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[i];
        }

        Tensor? positions = null;
        if (_mask is not null)
        {
            positions = _lengths! + arange(each);
            Replace(ref _mask, cat([_mask, ones([rows, each], ScalarType.Int64)], 1));
            Replace(ref _lengths, _lengths! + each);
        }

        var batch = new DecoderBatch { Ids = tensor(ids).view(rows, each), Mask = _mask, Positions = positions };
        return Keep(each == 1 ? model.Continue(batch, _cache) : model.ContinueEach(batch, _cache));
    }

    public void Select(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(rows.ToArray(), ScalarType.Int64);
        var isSame = rows.Length == _logits!.shape[0];
        for (var i = 0; isSame && i < rows.Length; i++)
        {
            isSame = rows[i] == i;
        }

        if (isSame)
        {
            return;
        }

        _cache.Select(chosen.to(model.Device));
        Replace(ref _logits, _logits.index_select(0, chosen));
        if (_mask is not null)
        {
            Replace(ref _mask, _mask.index_select(0, chosen));
            Replace(ref _lengths, _lengths!.index_select(0, chosen));
        }
    }

    public void Rewind(int tokens)
    {
        using var scope = NewDisposeScope();
        _cache.Rewind(tokens);
        if (_mask is not null)
        {
            Replace(ref _mask, _mask.narrow(1, 0, _mask.shape[1] - tokens).clone());
            Replace(ref _lengths, _lengths! - tokens);
        }
    }

    public void Dispose()
    {
        _cache.Dispose();
        _mask?.Dispose();
        _lengths?.Dispose();
        _logits?.Dispose();
    }

    /// <summary>The scores as numbers in the processor's memory, which live until the next ones.</summary>
    private unsafe Span<float> Keep(Tensor logits)
    {
        var numbers = logits.cpu().contiguous();
        Replace(ref _logits, numbers);
        return new Span<float>((void*)numbers.Address(), checked((int)numbers.NumberOfElements));
    }

    private static void Replace(ref Tensor? kept, Tensor value)
    {
        value.DetachFromDisposeScope();
        kept?.Dispose();
        kept = value;
    }
}
