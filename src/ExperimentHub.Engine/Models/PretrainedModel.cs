using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// A transformer: its configuration and its weights in the order of the checkpoint. Building one takes no memory and no torch, so that a
/// stranger's files can be compared with it first; <see cref="ModelLoader"/> then gives the weights their numbers.
/// </summary>
internal abstract class PretrainedModel(ModelConfig config, ModelHead head, Place root) : IDisposable
{
    private Device? _device;

    public ModelConfig Config { get; } = config;

    public ModelHead Head { get; } = head;

    /// <summary>Where the layers are built.</summary>
    protected Place Root { get; } = root;

    /// <summary>What names of the body begin with where there is a head (<c>bert</c>), and lack where there is none.</summary>
    public abstract IReadOnlyList<string> Prefixes { get; }

    /// <summary>All that learns, in the order of the checkpoint; a tied weight is not among them, since it is another one.</summary>
    public IReadOnlyList<Weight> Weights => field ??= [.. Root.Weights.Where(w => !w.IsTied && !w.IsBuffer)];

    /// <summary>All that a checkpoint may have, tied weights and buffers included.</summary>
    public IReadOnlyList<Weight> AllWeights => Root.Weights;

    /// <summary>Where the weights lie; batches may come from the processor's memory.</summary>
    public Device Device => _device ??= CPU;

    /// <summary>What the layers compute in. The word embeddings may be kept in 32 bits beside it.</summary>
    public ScalarType Precision { get; set; } = ScalarType.Float32;

    /// <summary>(V, C)</summary>
    public abstract Weight WordEmbeddings { get; }

    /// <summary>True for tensors that checkpoints of this family have and nobody reads.</summary>
    public virtual bool Ignores(string name) => name.EndsWith("position_ids", StringComparison.Ordinal);

    /// <summary>Computes on another device from now on; the first thing to do with a model.</summary>
    public void MoveTo(Device device)
    {
        if (device.type == Device.type)
        {
            return;
        }

        _device = device;
        foreach (var weight in Own())
        {
            weight.MoveTo(device);
        }
    }

    /// <summary>
    /// Computes in 16 bits from now on. Gives back the weights in 32 bits, which are then the caller's: the masters of training. The
    /// word embeddings are only read by rows, so they may stay as they are.
    /// </summary>
    public Dictionary<Weight, Tensor> ConvertToBFloat16(bool keepWordEmbeddings)
    {
        Precision = ScalarType.BFloat16;
        return Own().Where(w => !(keepWordEmbeddings && w == WordEmbeddings)).ToDictionary(w => w, w => w.ConvertTo(ScalarType.BFloat16));
    }

    public void Dispose()
    {
        foreach (var weight in Own())
        {
            weight.Dispose();
        }
    }

    private IEnumerable<Weight> Own() => Root.Weights.Where(w => !w.IsTied);
}
