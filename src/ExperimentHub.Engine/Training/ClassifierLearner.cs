using System.Globalization;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// A classifier that learns: forward, backward and update of one step, and the state of its optimiser. The plain way looks words up
/// in the whole table and updates with torch's operators; the other way does the same in fewer passes over memory.
/// </summary>
internal sealed class ClassifierLearner : IDisposable
{
    private const string MissedPrefix = "missed.";

    private readonly EncoderModel _model;
    private readonly long _seed;
    private readonly double _maxGradNorm;
    private readonly double _labelSmoothing;
    private readonly Dictionary<Weight, Tensor>? _masters;
    private readonly AdamW _optimizer;
    private readonly WordRows? _words;
    private readonly Dropout _dropout;
    private readonly LayeredPass? _pass;

    /// <summary>Takes over the model, in the precision <c>fp32</c> or <c>bf16</c>. Kernels of our own are the processor's alone: elsewhere all is plain.</summary>
    public ClassifierLearner(EncoderModel model, RunConfig config, string precision, bool plain = false)
    {
        plain |= model.Device.type != DeviceType.CPU;
        IsPlain = plain;
        _seed = config.Seed;
        _model = model;
        _maxGradNorm = config.MaxGradNorm;
        _labelSmoothing = config.LabelSmoothing;
        OnlyHeadLearns = config.Trainable == "head";
        var masks = plain ? null : new MaskDropout(config.Seed);
        _dropout = masks ?? new Dropout();
        _pass = masks is not null && !OnlyHeadLearns && model is LayeredEncoder layered ? new LayeredPass(layered, masks) : null;
        var settings = new AdamWSettings(config.AdamBeta1, config.AdamBeta2, config.AdamEpsilon, config.WeightDecay);
        var deepest = model.HeadDepth;
        var from = config.Trainable switch
        {
            _ when OnlyHeadLearns => deepest,
            "last_layers" => Math.Max(1, model.Config.Layers - config.LastLayers + 1),
            _ => 0,
        };
        var learning = model.Weights.Where(w => w.Depth >= from).ToList();
        TrainableParameters = learning.Sum(w => w.Value.NumberOfElements);
        var byRows = !plain && learning.Contains(model.WordEmbeddings);
        _masters = precision == "bf16" ? model.ConvertToBFloat16(keepWordEmbeddings: byRows) : null;
        if (byRows)
        {
            _words = new WordRows(model.WordEmbeddings, settings, model.Config.PadTokenId);
            learning.Remove(model.WordEmbeddings);
        }

        foreach (var weight in learning)
        {
            weight.Learns = true;
        }

        _optimizer = new AdamW(learning, _masters, settings, plain);
    }

    public long TrainableParameters { get; }

    /// <summary>True when all is torch's operators, none of our own kernels.</summary>
    public bool IsPlain { get; }

    /// <summary>True when the body is frozen whole. It then computes without dropout: what it says of a row is always the same.</summary>
    public bool OnlyHeadLearns { get; }

    /// <summary>True when batches are wanted packed: that is faster.</summary>
    public bool WantsPacked => _pass is not null;

    /// <summary>How far the masks of dropout are; 0 where torch's generator makes them.</summary>
    public long DropoutCounter
    {
        get => (_dropout as MaskDropout)?.Counter ?? 0;
        set
        {
            if (_dropout is MaskDropout masks)
            {
                masks.Counter = value;
            }
        }
    }

    /// <summary>
    /// To be called before the batches of step <paramref name="step"/> (from 0). On a GPU the masks of dropout are then a function of seed
    /// and step, so that a resumed run has those of an uninterrupted one.
    /// </summary>
    public void BeginStep(long step)
    {
        if (_model.Device.type == DeviceType.CUDA)
        {
            cuda.manual_seed_all(unchecked(_seed * 1_000_003 + step));
        }
    }

    /// <summary>Adds the gradient of one batch, its mean loss weighted by <paramref name="share"/>; gives the weighted loss.</summary>
    public float Accumulate(PaddedBatch batch, Tensor labels, double share = 1)
    {
        using var scope = NewDisposeScope();
        if (OnlyHeadLearns)
        {
            return Accumulate(Features(batch), labels, share);
        }

        var logits = _words is null
            ? _model.Forward(batch, _dropout)
            : _model.Forward(_words.Lookup(batch.Ids, _model.Precision), batch, _dropout);
        return Backward(logits, labels, share);
    }

    /// <summary>The same from packed rows, where <see cref="WantsPacked"/>.</summary>
    public float Accumulate(PackedBatch batch, Tensor labels, double share = 1)
    {
        using var scope = NewDisposeScope();
        var words = _words?.Lookup(batch.Ids, _model.Precision) ?? _model.Words(batch.Ids);
        return _pass!.Accumulate(words, batch, logits => Loss(logits, labels, share));
    }

    /// <summary>The same from features (B, C) of a frozen body.</summary>
    public float Accumulate(Tensor features, Tensor labels, double share = 1)
    {
        using var scope = NewDisposeScope();
        return Backward(_model.Classify(features, _dropout), labels, share);
    }

    /// <summary>(B, C): what the head reads of a batch, without dropout and without gradients.</summary>
    public Tensor Features(PaddedBatch batch)
    {
        using var noGrad = no_grad();
        return _model.Features(batch);
    }

    /// <summary>Clips and updates; gives the norm of the whole gradient before clipping. Not a number: nothing was updated.</summary>
    public double Step(double learningRate)
    {
        var norm = Math.Sqrt(_optimizer.SquaredNorm() + (_words?.SquaredNorm() ?? 0));
        if (double.IsFinite(norm))
        {
            var scale = _maxGradNorm > 0 ? Math.Min(1, _maxGradNorm / (norm + 1e-6)) : 1;
            _optimizer.Step(learningRate, scale);
            _words?.Step(learningRate, scale);
        }

        return norm;
    }

    /// <summary>Class scores of a batch, without dropout. Before the first of several calls <see cref="BringUpToDate"/> is due.</summary>
    public float[][] Logits(PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Rows(_model.Forward(batch));
    }

    /// <summary>The same from features (B, C) of a frozen body.</summary>
    public float[][] Logits(Tensor features)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Rows(_model.Classify(features, null));
    }

    /// <summary>Applies what the optimiser has put off, so that the weights can be read or saved.</summary>
    public void BringUpToDate() => _words?.BringUpToDate();

    /// <summary>The weight in 32 bits.</summary>
    public Tensor MasterOf(Weight weight) => _masters?.GetValueOrDefault(weight) ?? weight.Value;

    /// <summary>Moments by parameter name, whatever layout they have in memory.</summary>
    public void SaveOptimizer(string path)
    {
        var counts = _optimizer.Missed.Select(m => KeyValuePair.Create(MissedPrefix + m.Key, m.Value)).Append(KeyValuePair.Create("step", _optimizer.Steps));
        SafetensorsWriter.Write(path, State().Select(s => s.Value.ToPart(s.Name)), counts.ToDictionary(c => c.Key, c => c.Value.ToString(CultureInfo.InvariantCulture)));
    }

    /// <exception cref="InputException">The file does not fit what learns here.</exception>
    public void LoadOptimizer(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var (name, value) in State())
        {
            using var target = value;
            if (!file.Entries.TryGetValue(name, out var entry) || !entry.Shape.SequenceEqual(target.shape) || entry.Type != SafetensorsType.F32)
            {
                throw new InputException($"The checkpoint's {file.Name} does not fit this run ({name}); resume with the settings it was saved with.", "training.optimizer_state", name);
            }

            using var saved = file.Read(name);
            target.copy_(saved);
        }

        _optimizer.Steps = long.Parse(file.Metadata.GetValueOrDefault("step", "0"), CultureInfo.InvariantCulture);
        _optimizer.Missed = file.Metadata.Where(m => m.Key.StartsWith(MissedPrefix, StringComparison.Ordinal))
            .ToDictionary(m => m.Key[MissedPrefix.Length..], m => long.Parse(m.Value, CultureInfo.InvariantCulture));
        if (_words is not null)
        {
            _words.Steps = _optimizer.Steps;
            _words.FindActiveRows();
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _words?.Dispose();
        foreach (var master in _masters?.Values ?? Enumerable.Empty<Tensor>())
        {
            master.Dispose();
        }

        _model.Dispose();
    }

    private float Backward(Tensor logits, Tensor labels, double share)
    {
        var loss = Loss(logits, labels, share);
        loss.backward();
        return loss.item<float>();
    }

    private Tensor Loss(Tensor logits, Tensor labels, double share) => nn.functional.cross_entropy(logits, labels.to(_model.Device), label_smoothing: _labelSmoothing) * share;

    private float[][] Rows(Tensor logits) => [.. logits.cpu().data<float>().ToArray().Chunk(_model.Labels.Count)];

    private IEnumerable<(string Name, Tensor Value)> State() => [.. _optimizer.State, .. _words?.State ?? []];
}
