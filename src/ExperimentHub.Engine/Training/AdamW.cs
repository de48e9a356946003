using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// The optimiser over all weights that learn, with masters in 32 bits whatever the model computes in. The plain way is torch's own
/// fused operator; the fast way is <see cref="AdamWKernel"/>, one pass over memory on the threads of the slot.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private const int ChunkElements = 1 << 16;

    private readonly AdamWSettings _settings;
    private readonly IReadOnlyList<Entry> _entries;
    private readonly List<(Entry Entry, long Begin, long Count)> _chunks = [];
    private readonly double[] _sums;
    private readonly ParallelOptions _threads;

    /// <summary>
    /// <paramref name="masters"/> are the weights in 32 bits of a model that computes in 16, and become the optimiser's own;
    /// <paramref name="plain"/> takes torch's operators only; <paramref name="rateFactor"/> is what each weight makes of the learning rate.
    /// </summary>
    public AdamW(IEnumerable<Weight> weights, IReadOnlyDictionary<Weight, Tensor>? masters, AdamWSettings settings, bool plain, Func<Weight, double>? rateFactor = null)
    {
        _settings = settings;
        Plain = plain;
        _threads = new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() };
        _entries = [.. weights.Select(w => new Entry(w, masters?.GetValueOrDefault(w) ?? w.Value.detach().DetachFromDisposeScope(), rateFactor?.Invoke(w) ?? 1))];
        foreach (var entry in _entries)
        {
            for (var begin = 0L; begin < entry.Master.NumberOfElements; begin += ChunkElements)
            {
                _chunks.Add((entry, begin, Math.Min(ChunkElements, entry.Master.NumberOfElements - begin)));
            }
        }

        _sums = new double[_chunks.Count];
    }

    public bool Plain { get; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    /// <summary>Moments by the names under which a checkpoint keeps them: <c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c>.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _entries.SelectMany(e =>
        e.Weight.Split(e.First).Select(p => ("exp_avg." + p.Name, p.Rows)).Concat(e.Weight.Split(e.Second).Select(p => ("exp_avg_sq." + p.Name, p.Rows))));

    /// <summary>
    /// Steps that a weight missed since it had no gradient, by name and where there are any: as in torch such a step leaves moments, weight and bias
    /// correction as they are.
    /// </summary>
    public IReadOnlyDictionary<string, long> Missed
    {
        get => _entries.Where(e => e.Missed > 0).ToDictionary(e => e.Weight.Parts[0].Name, e => e.Missed);
        set
        {
            foreach (var entry in _entries)
            {
                entry.Missed = value.GetValueOrDefault(entry.Weight.Parts[0].Name);
            }
        }
    }

    /// <summary>Σ g² over all weights.</summary>
    public double SquaredNorm()
    {
        FindGradients();
        if (Plain)
        {
            return TensorLists.SquaredNorm([.. _entries.Where(e => e.Gradient is not null).Select(e => e.Gradient!)]);
        }

        Parallel.For(0, _chunks.Count, _threads, i => _sums[i] = SquaredNorm(_chunks[i]));
        return _sums.Sum();
    }

    /// <summary>One update with the gradients that the norm was taken of; the gradients are gone afterwards.</summary>
    public void Step(double learningRate, double gradientScale)
    {
        Steps++;
        foreach (var entry in _entries.Where(e => e.Gradient is null))
        {
            entry.Missed++;
        }

        if (Plain)
        {
            StepPlainly(learningRate, gradientScale);
        }
        else
        {
            var kernels = _entries.Where(e => e.Gradient is not null).Select(e => e.Group).Distinct()
                .ToDictionary(g => g, g => new AdamWKernel(_settings, learningRate * g.RateFactor, Steps - g.Missed, gradientScale, g.Decays));
            var chunks = _chunks.Where(c => c.Entry.GradientPointer != 0).Select(c => (Chunk: c, Kernel: kernels[c.Entry.Group])).ToList();
            Parallel.For(0, chunks.Count, _threads, i => Update(chunks[i].Chunk, chunks[i].Kernel));
        }

        foreach (var entry in _entries)
        {
            entry.Gradient?.Dispose();
            entry.Gradient = null;
            entry.Weight.Value.grad = null;
        }
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry.Master.Dispose();
            entry.First.Dispose();
            entry.Second.Dispose();
        }
    }

    private static unsafe double SquaredNorm((Entry Entry, long Begin, long Count) chunk)
    {
        var gradient = chunk.Entry.GradientPointer;
        return gradient == 0 ? 0
            : chunk.Entry.IsHalf ? AdamWKernel.SquaredNorm((ushort*)gradient + chunk.Begin, chunk.Count)
            : AdamWKernel.SquaredNorm((float*)gradient + chunk.Begin, chunk.Count);
    }

    private static unsafe void Update((Entry Entry, long Begin, long Count) chunk, AdamWKernel kernel)
    {
        var (entry, begin, count) = chunk;
        var weight = (float*)entry.MasterPointer + begin;
        var first = (float*)entry.FirstPointer + begin;
        var second = (float*)entry.SecondPointer + begin;
        if (entry.IsHalf)
        {
            kernel.Update(weight, first, second, (ushort*)entry.GradientPointer + begin, (ushort*)entry.ValuePointer + begin, count);
        }
        else
        {
            kernel.Update(weight, first, second, (float*)entry.GradientPointer + begin, count);
        }
    }

    private void FindGradients()
    {
        foreach (var entry in _entries)
        {
            entry.Gradient?.Dispose();
            // What torch hands out is a handle of its own; undisposed it would keep the gradient of each step until a garbage collection.
            using var gradient = entry.Weight.Value.grad;
            entry.Gradient = (Plain ? gradient?.to(ScalarType.Float32) : gradient?.contiguous())?.DetachFromDisposeScope();
            entry.GradientPointer = entry.Gradient is null || Plain ? 0 : entry.Gradient.Address();
        }
    }

    private void StepPlainly(double learningRate, double gradientScale)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var group in _entries.Where(e => e.Gradient is not null).GroupBy(e => e.Group))
        {
            var entries = group.ToList();
            TensorLists.StepAdamW(
                Tensors(e => e.Master), Tensors(e => e.Gradient!), Tensors(e => e.First), Tensors(e => e.Second),
                _settings with { WeightDecay = group.Key.Decays ? _settings.WeightDecay : 0 }, learningRate * group.Key.RateFactor, Steps - group.Key.Missed, gradientScale);
            foreach (var entry in entries.Where(e => e.IsHalf))
            {
                entry.Weight.Value.detach().copy_(entry.Master);
            }

            Tensor[] Tensors(Func<Entry, Tensor> of) => [.. entries.Select(of)];
        }
    }

    private sealed class Entry(Weight weight, Tensor master, double rateFactor)
    {
        private readonly bool _decays = weight.Decays;

        public Weight Weight { get; } = weight;

        public long Missed { get; set; }

        /// <summary>Weights that are updated alike.</summary>
        public (bool Decays, double RateFactor, long Missed) Group => (_decays, rateFactor, Missed);

        public Tensor Master { get; } = master;

        public Tensor First { get; } = zeros_like(master).DetachFromDisposeScope();

        public Tensor Second { get; } = zeros_like(master).DetachFromDisposeScope();

        public bool IsHalf { get; } = weight.Value.dtype == ScalarType.BFloat16;

        public Tensor? Gradient { get; set; }

        public nint GradientPointer { get; set; }

        public nint MasterPointer => field == 0 ? field = Master.Address() : field;

        public nint FirstPointer => field == 0 ? field = First.Address() : field;

        public nint SecondPointer => field == 0 ? field = Second.Address() : field;

        public nint ValuePointer => field == 0 ? field = Weight.Value.Address() : field;
    }
}
