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
    private readonly PromptLstm? _lstm;
    private readonly IReadOnlyList<(Weight Matrix, Weight Bias)> _layers;
    private readonly Func<Tensor, Tensor> _activation;

    private PromptEncoder(long rows, IReadOnlyList<long> widths, string network, Func<Tensor, Tensor> activation, Func<PromptLstm>? lstm = null)
    {
        _activation = activation;
        _table = Make("embedding.weight", rows, lstm is null ? widths[0] : widths[^1]);
        _lstm = lstm?.Invoke();
        _layers = [.. widths.Zip(widths.Skip(1)).Select((width, i) => (
            Make(FormattableString.Invariant($"{network}.{2 * i}.weight"), width.Second, width.First),
            Make(FormattableString.Invariant($"{network}.{2 * i}.bias"), width.Second)))];
    }

    /// <summary>All that learns, under PEFT's names.</summary>
    public IReadOnlyList<Weight> Weights => [_table, .. _lstm?.Weights ?? [], .. _layers.SelectMany(l => new[] { l.Matrix, l.Bias })];

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

    /// <summary>The same before anything is learned, drawn from torch's generator: tables normal with deviation 1, layers uniform in ±1/√inputs, an LSTM's in ±1/√H.</summary>
    public static PromptEncoder Create(AdapterConfig config)
    {
        var encoder = Build(config);
        using var noGrad = no_grad();
        encoder._table.Value.normal_(0, 1);
        foreach (var weight in encoder._lstm?.Weights ?? [])
        {
            Fill(weight, encoder._lstm!.Width);
        }

        foreach (var (matrix, bias) in encoder._layers)
        {
            Fill(matrix, matrix.RowShape[0]);
            Fill(bias, matrix.RowShape[0]);
        }

        return encoder;

        static void Fill(Weight weight, long inputs) => weight.Value.uniform_(-1 / Math.Sqrt(inputs), 1 / Math.Sqrt(inputs));
    }

    /// <summary>(rows, width): all vectors that the adapter saves.</summary>
    public Tensor Compute(Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        var vectors = _lstm?.Compute(_table.Value, dropout) ?? _table.Value.alias();
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
            AdapterMethod.PTuning when config.EncoderKind == "LSTM" => new(
                rows * config.Submodules, [2 * inner, 2 * inner, width], "mlp_head", x => nn.functional.relu(x), () => new PromptLstm(Make, width, inner, config.EncoderLayers, config.EncoderDropout)),
            AdapterMethod.PTuning => new(rows * config.Submodules, [width, inner, inner, width], "mlp_head", x => nn.functional.relu(x)),
            AdapterMethod.PrefixTuning when config.ProjectsPrefix => new(rows, [width, inner, 2L * config.Layers * width], "transform", x => x.tanh()),
            AdapterMethod.PrefixTuning => new(rows, [2L * config.Layers * width], "", x => x),
            _ => new(rows * config.Submodules, [width], "", x => x),
        };
    }

    private static Weight Make(string name, params long[] shape)
    {
        var weight = new Weight(0, Initialisation.Zero, shape[1..], "num_virtual_tokens", new WeightPart(Name + name, shape[0]));
        weight.Allocate();
        return weight;
    }
}
