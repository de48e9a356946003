using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// AdamW over the word embeddings by rows. A row that never had a gradient has zero moments, so its update is the decay alone: that
/// is kept as pending and applied, factor by factor, when the row is next read or saved. Rows that had a gradient once are updated at
/// every step. The numbers are those of the update over the whole table; what is saved is the touching of the other rows.
/// </summary>
internal sealed unsafe class WordRows : IDisposable
{
    private readonly AdamWSettings _settings;
    private readonly Tensor _table;              // (V, C), 32 bits
    private readonly Weight _weight;
    private readonly int _padTokenId;
    private readonly long _rows;
    private readonly long _width;
    private readonly nint _values;
    private readonly nint _firstMoments;
    private readonly nint _secondMoments;
    private readonly ParallelOptions _threads;
    private readonly List<float> _decays = [];   // what each step since the last whole refresh leaves of a weight
    private readonly int[] _decayed;             // per row: how many of these are applied
    private readonly int[] _slots;               // per row: its place in this step's gradient, or −1
    private readonly bool[] _isActive;
    private readonly List<int> _active = [];     // rows that ever had a gradient
    private readonly List<(int[] Rows, Tensor Leaf)> _lookups = [];
    private int[] _touched = [];
    private float[] _gradient = [];              // (touched rows, C), summed over the micro-batches

    public WordRows(Weight weight, AdamWSettings settings, int padTokenId)
    {
        _weight = weight;
        _settings = settings;
        _padTokenId = padTokenId;
        _table = weight.Value.detach().DetachFromDisposeScope();
        (_rows, _width) = (_table.shape[0], _table.shape[1]);
        First = zeros_like(_table).DetachFromDisposeScope();
        Second = zeros_like(_table).DetachFromDisposeScope();
        (_values, _firstMoments, _secondMoments) = (_table.Address(), First.Address(), Second.Address());
        _threads = new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() };
        _decayed = new int[_rows];
        _isActive = new bool[_rows];
        _slots = new int[_rows];
        Array.Fill(_slots, -1);
        weight.Learns = false;   // its gradient lives here, by rows
    }

    /// <summary>(V, C) moments, for checkpoints; after loading them call <see cref="FindActiveRows"/>.</summary>
    public Tensor First { get; }

    public Tensor Second { get; }

    public long Steps { get; set; }

    public IEnumerable<(string Name, Tensor Value)> State =>
        [("exp_avg." + _weight.Parts[0].Name, First.alias()), ("exp_avg_sq." + _weight.Parts[0].Name, Second.alias())];

    /// <summary>The vectors (B, T, C) of a batch, under autograd; several batches may come before a step.</summary>
    public Tensor Lookup(Tensor ids, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var flat = ids.flatten();
        var (rows, places) = Distinct(flat.data<long>().ToArray());
        Parallel.ForEach(rows, _threads, row => ApplyPendingDecay(row));
        var leaf = _table.index_select(0, tensor(rows, ScalarType.Int64)).to(precision).requires_grad_(true).DetachFromDisposeScope();
        _lookups.Add((rows, leaf));
        return leaf.index_select(0, tensor(places)).view([.. ids.shape, _width]).MoveToOuterDisposeScope();
    }

    /// <summary>Σ g² over the rows of the batches since the last step. Padding learns nothing.</summary>
    public double SquaredNorm()
    {
        GatherGradient();
        fixed (float* gradient = _gradient)
        {
            return AdamWKernel.SquaredNorm(gradient, _touched.Length * _width);
        }
    }

    public void Step(double learningRate, double gradientScale)
    {
        Steps++;
        var keep = AdamWKernel.Keep(_settings, learningRate);
        var kernel = new AdamWKernel(_settings, learningRate, Steps, gradientScale, decays: true);
        _decays.Add(keep);
        foreach (var row in _touched)
        {
            if (!_isActive[row])
            {
                _isActive[row] = true;
                _active.Add(row);
            }
        }

        Parallel.For(0, _active.Count, _threads, i => UpdateRow(_active[i], kernel));
        foreach (var row in _touched)
        {
            _slots[row] = -1;
        }

        _touched = [];
    }

    /// <summary>Applies what is pending to every row, so that the table can be read or saved as a whole.</summary>
    public void BringUpToDate()
    {
        Parallel.For(0, (int)_rows, _threads, ApplyPendingDecay);
        _decays.Clear();
        Array.Clear(_decayed);
    }

    /// <summary>After moments were loaded: rows whose moments are not zero are those that ever had a gradient.</summary>
    public void FindActiveRows()
    {
        _active.Clear();
        for (var row = 0; row < _rows; row++)
        {
            var first = new ReadOnlySpan<float>((float*)_firstMoments + (row * _width), (int)_width);
            var second = new ReadOnlySpan<float>((float*)_secondMoments + (row * _width), (int)_width);
            _isActive[row] = first.ContainsAnyExcept(0f) || second.ContainsAnyExcept(0f);
            if (_isActive[row])
            {
                _active.Add(row);
            }
        }
    }

    public void Dispose()
    {
        ForgetLookups();
        _table.Dispose();
        First.Dispose();
        Second.Dispose();
    }

    private static (int[] Rows, long[] Places) Distinct(long[] ids)
    {
        var seen = new Dictionary<long, int>(ids.Length);
        var rows = new List<int>();
        var places = new long[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            if (!seen.TryGetValue(ids[i], out var place))
            {
                place = rows.Count;
                seen.Add(ids[i], place);
                rows.Add((int)ids[i]);
            }

            places[i] = place;
        }

        return ([.. rows], places);
    }

    private void GatherGradient()
    {
        var touched = new List<int>();
        foreach (var (rows, _) in _lookups)
        {
            foreach (var row in rows)
            {
                if (row != _padTokenId && _slots[row] < 0)
                {
                    _slots[row] = touched.Count;
                    touched.Add(row);
                }
            }
        }

        _touched = [.. touched];
        _gradient = new float[_touched.Length * _width];
        foreach (var (rows, leaf) in _lookups)
        {
            using var scope = NewDisposeScope();
            var gradient = leaf.grad!.to(ScalarType.Float32).contiguous();
            var source = (float*)gradient.Address();
            for (var i = 0; i < rows.Length; i++)
            {
                if (_slots[rows[i]] is var slot and >= 0)
                {
                    AdamWKernel.Add(source + (i * _width), Slot(slot));
                }
            }
        }

        ForgetLookups();
    }

    private Span<float> Slot(int slot) => _gradient.AsSpan((int)(slot * _width), (int)_width);

    private void ForgetLookups()
    {
        foreach (var (_, leaf) in _lookups)
        {
            leaf.Dispose();
        }

        _lookups.Clear();
    }

    private void UpdateRow(int row, AdamWKernel kernel)
    {
        var offset = row * _width;
        var values = (float*)_values + offset;
        var first = (float*)_firstMoments + offset;
        var second = (float*)_secondMoments + offset;
        if (_slots[row] is var slot and >= 0)
        {
            fixed (float* gradient = Slot(slot))
            {
                kernel.Update(values, first, second, gradient, _width);
            }
        }
        else
        {
            kernel.UpdateWithoutGradient(values, first, second, _width);
        }

        _decayed[row] = _decays.Count;
    }

    private void ApplyPendingDecay(int row)
    {
        var from = _decayed[row];
        if (from < _decays.Count)
        {
            var decays = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_decays)[from..];
            AdamWKernel.Decay((float*)_values + (row * _width), _width, decays);
            _decayed[row] = _decays.Count;
        }
    }
}
