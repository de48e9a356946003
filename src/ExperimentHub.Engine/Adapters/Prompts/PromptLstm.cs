using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Prompts;

/// <summary>The layers of an LSTM (Hochreiter and Schmidhuber 1997) that read a prompt's vectors from both sides, as torch's <c>nn.LSTM</c> keeps them.</summary>
internal sealed class PromptLstm
{
    private static readonly string[] s_directions = ["", "_reverse"];

    private readonly IReadOnlyList<IReadOnlyList<Direction>> _layers;
    private readonly double _dropout;

    /// <param name="make">Makes a weight of a name and a shape.</param>
    /// <param name="inputs">Width of what is read.</param>
    /// <param name="width">H; what comes out is 2H wide.</param>
    /// <param name="layers">How many.</param>
    /// <param name="dropout">Between the layers, in training.</param>
    public PromptLstm(Func<string, long[], Weight> make, long inputs, long width, int layers, double dropout)
    {
        _dropout = dropout;
        Width = width;
        _layers = [.. Enumerable.Range(0, layers).Select(layer => s_directions.Select(side => new Direction(
            Make("weight_ih", layer, side, 4 * width, layer == 0 ? inputs : 2 * width),
            Make("weight_hh", layer, side, 4 * width, width),
            Make("bias_ih", layer, side, 4 * width),
            Make("bias_hh", layer, side, 4 * width))).ToList())];

        Weight Make(string name, int layer, string side, params long[] shape) => make(FormattableString.Invariant($"lstm_head.{name}_l{layer}{side}"), shape);
    }

    /// <summary>H</summary>
    public long Width { get; }

    public IEnumerable<Weight> Weights => _layers.SelectMany(l => l).SelectMany(d => new[] { d.Inputs, d.State, d.InputBias, d.StateBias });

    /// <summary>Vectors (n, inputs) to (n, 2H).</summary>
    public Tensor Compute(Tensor x, Dropout? dropout)
    {
        for (var layer = 0; layer < _layers.Count; layer++)
        {
            x = layer > 0 && _dropout > 0 ? dropout?.Apply(x, _dropout) ?? x : x;
            x = cat([Read(_layers[layer][0], x, reverse: false), Read(_layers[layer][1], x, reverse: true)], 1);
        }

        return x;
    }

    private Tensor Read(Direction direction, Tensor x, bool reverse)
    {
        var projected = nn.functional.linear(x, direction.Inputs.Value, direction.InputBias.Value);   // (n, 4H)
        var (hidden, cell) = (zeros([1, Width], device: x.device), zeros([1, Width], device: x.device));
        var outputs = new Tensor[x.shape[0]];
        for (var i = 0; i < outputs.Length; i++)
        {
            var at = reverse ? outputs.Length - 1 - i : i;
            var gates = (projected.narrow(0, at, 1) + nn.functional.linear(hidden, direction.State.Value, direction.StateBias.Value)).chunk(4, 1);   // input, forget, cell, output
            cell = (gates[1].sigmoid() * cell) + (gates[0].sigmoid() * gates[2].tanh());
            hidden = gates[3].sigmoid() * cell.tanh();
            outputs[at] = hidden;
        }

        return cat(outputs);
    }

    private sealed record Direction(Weight Inputs, Weight State, Weight InputBias, Weight StateBias);
}
