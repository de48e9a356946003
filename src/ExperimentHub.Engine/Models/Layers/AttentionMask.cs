using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// What a query may look at. <paramref name="Additive"/>, broadcast over (B, H, Tq, Tk), is added to the scores: 0 where it may look, the
/// type's lowest number where not (a row that may look nowhere then looks everywhere alike, which is no number's fault); null adds
/// nothing. <paramref name="IsCausal"/> hides the future without a tensor, where queries and keys are the same tokens.
/// </summary>
internal sealed record AttentionMask(Tensor? Additive, bool IsCausal = false)
{
    private const float LowestBFloat16 = -3.3895314e38f;

    public static AttentionMask None { get; } = new(null as Tensor);

    /// <summary>Every token sees the real ones: <paramref name="mask"/> (B, T) is 1 on them, null where all are.</summary>
    public static AttentionMask Padding(Tensor? mask, ScalarType precision)
    {
        if (mask is null)
        {
            return None;
        }

        using var scope = NewDisposeScope();
        var hidden = 1 - mask.to(ScalarType.Float32);
        return new((hidden * Lowest(precision)).to(precision).view(mask.shape[0], 1, 1, mask.shape[1]).MoveToOuterDisposeScope());
    }

    /// <summary>Each token sees itself and the real ones before it; without padding no tensor is needed.</summary>
    public static AttentionMask Causal(Tensor? mask, long length, Device device, ScalarType precision)
    {
        if (mask is null)
        {
            return new(null, IsCausal: true);
        }

        using var scope = NewDisposeScope();
        return Of(Past(length, device) & Keys(mask), precision).MoveToOuterDisposeScope();
    }

    /// <summary>Each token sees those at most <paramref name="reach"/> places away; with <paramref name="causal"/> those before it only.</summary>
    public static AttentionMask Window(Tensor? mask, long length, long reach, bool causal, Device device, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var places = arange(length, device: device);
        var near = (places.unsqueeze(1) - places).abs().le(reach).view(1, 1, length, length);
        var allowed = causal ? near & Past(length, device) : near;
        return Of(mask is null ? allowed : allowed & Keys(mask), precision).MoveToOuterDisposeScope();
    }

    /// <summary>Several documents in one row: each token sees its own document, (B, T) of document numbers; with <paramref name="causal"/> what is before it there.</summary>
    public static AttentionMask Packed(Tensor documents, bool causal, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var same = documents.unsqueeze(2).eq(documents.unsqueeze(1)).unsqueeze(1);                     // (B, 1, T, T)
        return Of(causal ? same & Past(documents.shape[1], documents.device) : same, precision).MoveToOuterDisposeScope();
    }

    /// <summary>Scores get <paramref name="bias"/> (…, H, Tq, Tk) besides: T5's relative positions.</summary>
    public AttentionMask Plus(Tensor bias)
    {
        using var scope = NewDisposeScope();
        var hidden = IsCausal ? Of(Past(bias.shape[^1], bias.device), bias.dtype).Additive : Additive;
        return new((hidden is null ? bias.alias() : hidden + bias).MoveToOuterDisposeScope());
    }

    /// <summary>The mask of a boolean tensor, true where a query may look.</summary>
    public static AttentionMask Of(Tensor allowed, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var nothing = zeros([], precision, allowed.device);
        var lowest = full([], Lowest(precision), precision, allowed.device);
        return new(where(allowed, nothing, lowest).MoveToOuterDisposeScope());
    }

    private AttentionMask MoveToOuterDisposeScope()
    {
        Additive?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>(1, 1, T, T): true at and before the query.</summary>
    private static Tensor Past(long length, Device device) => ones([length, length], ScalarType.Bool, device).tril().view(1, 1, length, length);

    private static Tensor Keys(Tensor mask) => mask.to(ScalarType.Bool).view(mask.shape[0], 1, 1, mask.shape[1]);

    private static float Lowest(ScalarType precision) => precision switch
    {
        ScalarType.BFloat16 => LowestBFloat16,
        ScalarType.Float16 => (float)Half.MinValue,
        _ => float.MinValue,
    };
}
