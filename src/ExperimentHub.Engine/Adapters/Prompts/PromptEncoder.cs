using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Prompts;

/// <summary>
/// Where the vectors of a prompt or prefix come from: a table that is learned, or in P-tuning (Liu et al. 2021) and in prefix tuning with a
/// projection (Li and Liang 2021) a table and a small network over it. Only what comes out is saved in an adapter.
/// </summary>
internal sealed class PromptEncoder : IDisposable
{
    private const string Name = "prompt_encoder.";

    private readonly Weight _table;
    private readonly IReadOnlyList<(Weight Matrix, Weight Bias)> _layers;
    private readonly Func<Tensor, Tensor> _activation;

    private PromptEncoder(long rows, IReadOnlyList<long> widths, string network, Func<Tensor, Tensor> activation)
    {
        _activation = activation;
        _table = Make("embedding.weight", Initialisation.Normal(1), rows, widths[0]);
        _layers = [.. widths.Zip(widths.Skip(1)).Select((width, i) => (
            Make(FormattableString.Invariant($"{network}.{2 * i}.weight"), Initialisation.Zero, width.Second, width.First),
            Make(FormattableString.Invariant($"{network}.{2 * i}.bias"), Initialisation.Zero, width.Second)))];
    }

    /// <summary>All that learns, under PEFT's names.</summary>
    public IReadOnlyList<Weight> Weights => [_table, .. _layers.SelectMany(l => new[] { l.Matrix, l.Bias })];

    /// <summary>The vectors of an adapter as they were saved: they are learned themselves, whatever network once made them.</summary>
    public static PromptEncoder Saved(Adapter adapter)
    {
        var entry = adapter.Weights.Entry(AdapterWeights.Prompt);
        var encoder = new PromptEncoder(entry.Shape[0], [entry.Shape[1]], "", x => x);
        using var noGrad = no_grad();
        using var values = adapter.Weights.Read(AdapterWeights.Prompt);
        encoder._table.Value.copy_(values);
        return encoder;
    }

    /// <summary>The table and network that the configuration asks for, filled by <paramref name="fill"/> from their names.</summary>
    /// <exception cref="InputException">The network is of a kind that is not computed.</exception>
    public static PromptEncoder Create(AdapterConfig config, Action<string, Tensor> fill)
    {
        var encoder = Build(config);
        using var noGrad = no_grad();
        foreach (var weight in encoder.Weights)
        {
            fill(weight.Parts[0].Name, weight.Value);
        }

        return encoder;
    }

    /// <summary>The same before anything is learned, drawn from torch's generator: tables normal with deviation 1, layers uniform in ±1/√inputs.</summary>
    public static PromptEncoder Create(AdapterConfig config)
    {
        var encoder = Build(config);
        using var noGrad = no_grad();
        encoder._table.Value.normal_(0, 1);
        foreach (var (matrix, bias) in encoder._layers)
        {
            var bound = 1 / Math.Sqrt(matrix.RowShape[0]);
            matrix.Value.uniform_(-bound, bound);
            bias.Value.uniform_(-bound, bound);
        }

        return encoder;
    }

    /// <summary>(rows, width): all vectors that the adapter saves.</summary>
    public Tensor Compute()
    {
        using var scope = NewDisposeScope();
        var vectors = _table.Value.alias();
        for (var i = 0; i < _layers.Count; i++)
        {
            vectors = nn.functional.linear(i == 0 ? vectors : _activation(vectors), _layers[i].Matrix.Value, _layers[i].Bias.Value);
        }

        return vectors.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var weight in Weights)
        {
            weight.Dispose();
        }
    }

    private static PromptEncoder Build(AdapterConfig config)
    {
        long rows = config.VirtualTokens, width = config.TokenWidth, inner = config.EncoderWidth;
        return config.Method switch
        {
            AdapterMethod.PTuning when config.EncoderKind != "MLP" => throw new InputException(
                $"{AdapterConfig.FileName}: encoder_reparameterization_type is {InputException.Quote(config.EncoderKind)}, which is not learned here; choose MLP.", "adapter.encoder", AdapterConfig.FileName, InputException.Quote(config.EncoderKind)),
            AdapterMethod.PTuning => new(rows * config.Submodules, [width, inner, inner, width], "mlp_head", x => nn.functional.relu(x)),
            AdapterMethod.PrefixTuning when config.ProjectsPrefix => new(rows, [width, inner, 2L * config.Layers * width], "transform", x => x.tanh()),
            AdapterMethod.PrefixTuning => new(rows, [2L * config.Layers * width], "", x => x),
            _ => new(rows * config.Submodules, [width], "", x => x),
        };
    }

    private static Weight Make(string name, Initialisation initial, params long[] shape)
    {
        var weight = new Weight(0, initial, shape[1..], "num_virtual_tokens", new WeightPart(Name + name, shape[0]));
        weight.Allocate();
        return weight;
    }
}
