using TorchSharp;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>x · Wᵀ + b, or x · W + b where W lies as (inputs, outputs), by the operator that is fastest where it is computed, or what an adapter makes of it.</summary>
internal sealed class WeightProduct
{
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly bool _inputsFirst;

    /// <param name="weight">(outputs, inputs)</param>
    /// <param name="bias">(outputs)</param>
    /// <param name="inputsFirst">The matrix lies as (inputs, outputs).</param>
    public WeightProduct(Weight weight, Weight? bias = null, bool inputsFirst = false)
    {
        (_weight, _bias, _inputsFirst) = (weight, bias, inputsFirst);
        weight.Product = this;
    }

    /// <summary>What is computed instead while an adapter is active; null: the product itself.</summary>
    public ProductAdapter? Adapter { get; set; }

    public long Outputs => _inputsFirst ? _weight.RowShape[0] : _weight.Rows;

    /// <summary>(outputs, inputs): the matrix as it is, a view.</summary>
    public Tensor Matrix => _inputsFirst ? _weight.Value.t() : _weight.Value;

    /// <summary>(outputs); null where nothing is added.</summary>
    public Tensor? Bias => _bias?.Value;

    /// <summary>(…, inputs) to (…, outputs).</summary>
    public Tensor Of(Tensor x)
    {
        if (Adapter is null && !_inputsFirst)
        {
            return Plain(x);
        }

        using var scope = NewDisposeScope();
        var flat = x.reshape(-1, x.shape[^1]);
        var product = Adapter?.Of(this, flat) ?? Plain(flat);
        return product.view([.. x.shape[..^1], product.shape[1]]).MoveToOuterDisposeScope();
    }

    /// <summary>The same without an adapter; GPT-2's matrices take (N, inputs) alone.</summary>
    public Tensor Plain(Tensor x) => Plain(x, _weight.Value, _bias?.Value);

    /// <summary>(N, inputs) to (N, count): the outputs from <paramref name="first"/> on, without an adapter.</summary>
    public Tensor Plain(Tensor x, long first, long count, bool withBias)
    {
        using var scope = NewDisposeScope();
        var bias = withBias ? _bias?.Value.narrow(0, first, count) : null;
        return Plain(x, _weight.Value.narrow(_inputsFirst ? 1 : 0, first, count), bias).MoveToOuterDisposeScope();
    }

    private Tensor Plain(Tensor x, Tensor weight, Tensor? bias)
    {
        if (_inputsFirst)
        {
            return bias is null ? mm(x, weight) : addmm(bias, x, weight, 1, 1);
        }

        // Without instructions for bfloat16 torch multiplies it number by number. A copy of the weights in 32 bits costs far less, but it
        // must not be kept for a gradient.
        if (x.dtype != ScalarType.BFloat16 || BFloat16.MayHaveInstructions || x.device_type != DeviceType.CPU || is_grad_enabled())
        {
            return nn.functional.linear(x, weight, bias);
        }

        using var scope = NewDisposeScope();
        return nn.functional.linear(x.to(ScalarType.Float32), weight.to(ScalarType.Float32), bias?.to(ScalarType.Float32)).to(ScalarType.BFloat16).MoveToOuterDisposeScope();
    }
}

/// <summary>What an adapter computes in place of a product whose matrix it leaves as it is.</summary>
internal abstract class ProductAdapter
{
    /// <summary>(N, inputs) to (N, outputs), in the precision of the product; temporary tensors stay in the caller's scope.</summary>
    public abstract Tensor Of(WeightProduct product, Tensor x);
}
