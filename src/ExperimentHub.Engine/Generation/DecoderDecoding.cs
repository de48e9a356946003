using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Generation;

/// <summary>A decoder that writes a batch of texts: prompts are filled up on the left, and keys and values are kept.</summary>
/// <param name="model">The decoder, with a language model's head.</param>
/// <param name="plain">True: torch's operators only, not the kernels for single tokens.</param>
internal sealed class DecoderDecoding(DecoderModel model, bool plain = false) : IDecoding
{
    private readonly KeyValueCache _cache = new(model.Config.Layers);
    private readonly DecoderStep? _step = plain ? null : model.ToStep();
    private int[] _padding = [];
    // All tokens so far, kept for a model whose cache does not outlive a length.
    private List<long>[] _rows = [];
    private bool _isStale;
    private Tensor? _logits;

    public int VocabularySize => model.Config.VocabSize;

    public int MaxLength => model.Config.MaxPositions;

    public Span<float> Begin(IReadOnlyList<int[]> prompts)
    {
        using var scope = NewDisposeScope();
        var longest = prompts.Max(p => p.Length);
        _padding = [.. prompts.Select(p => longest - p.Length)];
        var ids = new long[prompts.Count * longest];
        for (var i = 0; i < ids.Length; i++)
        {
            var (row, place) = (i / longest, (i % longest) - _padding[i / longest]);
            ids[i] = place < 0 ? model.Config.PadTokenId : prompts[row][place];
        }

        _rows = model.TurnsAnew(0, long.MaxValue) ? [.. ids.Chunk(longest).Select(row => row.ToList())] : [];
        return Keep(model.Continue(Batch(ids), _cache));
    }

    public Span<float> Next(scoped ReadOnlySpan<int> tokens)
    {
        var each = tokens.Length / _padding.Length;
        for (var i = 0; i < tokens.Length && _rows.Length > 0; i++)
        {
            _rows[i / each].Add(tokens[i]);
        }

        if (_isStale || model.TurnsAnew(_cache.Length, _cache.Length + each))
        {
            return Again(each);
        }

        if (each == 1 && tokens.Length <= DecoderStep.MostRows && _step is not null)
        {
            return _step.Run(tokens, _padding, _cache);
        }

        using var scope = NewDisposeScope();
        var ids = new long[tokens.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[i];
        }

        var batch = Batch(ids);
        return Keep(each == 1 ? model.Continue(batch, _cache) : model.ContinueEach(batch, _cache));
    }

    public void Select(ReadOnlySpan<int> rows)
    {
        if (IsAll(rows))
        {
            return;
        }

        using var scope = NewDisposeScope();
        _cache.Select(tensor(rows.ToArray(), ScalarType.Int64).to(model.Device));
        var before = _padding;
        _padding = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            _padding[i] = before[rows[i]];
        }

        _rows = _rows.Length == 0 ? [] : [.. rows.ToArray().Select(row => _rows[row].ToList())];
    }

    public void Rewind(int tokens)
    {
        _isStale |= model.TurnsAnew(_cache.Length - tokens, _cache.Length);
        _cache.Rewind(tokens);
        Array.ForEach(_rows, row => row.RemoveRange(row.Count - tokens, tokens));
    }

    public void Dispose()
    {
        _cache.Dispose();
        _step?.Dispose();
        _logits?.Dispose();
    }

    /// <summary>Reads everything so far anew; the scores after the last <paramref name="each"/> tokens of each row.</summary>
    private Span<float> Again(int each)
    {
        using var scope = NewDisposeScope();
        _isStale = false;
        _cache.Rewind(_cache.Length);
        var batch = Batch([.. _rows.SelectMany(row => row)]);
        return Keep(each == 1 ? model.Continue(batch, _cache) : model.ContinueEach(batch, _cache).narrow(1, _rows[0].Count - each, each));
    }

    private bool IsAll(ReadOnlySpan<int> rows)
    {
        var same = rows.Length == _padding.Length;
        for (var i = 0; same && i < rows.Length; i++)
        {
            same = rows[i] == i;
        }

        return same;
    }

    /// <summary>The next tokens of each row; where there is padding, the mask of all so far and the places without it.</summary>
    private DecoderBatch Batch(long[] ids)
    {
        var rows = _padding.Length;
        var length = ids.Length / rows;
        var batch = new DecoderBatch { Ids = tensor(ids).view(rows, length) };
        if (_padding.All(p => p == 0))
        {
            return batch;
        }

        var all = _cache.Length + length;
        var mask = arange(all).unsqueeze(0).ge(tensor(_padding, ScalarType.Int64).unsqueeze(1)).to(ScalarType.Int64);   // (R, all)
        return batch with { Mask = mask, Positions = DecoderBatch.PositionsOf(mask).narrow(1, _cache.Length, length) };
    }

    /// <summary>The scores as numbers in the processor's memory, which live until the next ones.</summary>
    private unsafe Span<float> Keep(Tensor logits)
    {
        var numbers = logits.cpu().contiguous().DetachFromDisposeScope();
        _logits?.Dispose();
        _logits = numbers;
        return new Span<float>((void*)numbers.Address(), checked((int)numbers.NumberOfElements));
    }
}
