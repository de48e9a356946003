using System.Text.Json;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>How far a value may be from the reference: <c>absolute + relative · |reference|</c>.</summary>
internal sealed record Closeness(double Absolute, double Relative)
{
    public static Closeness Read(JsonElement tolerance) => new(tolerance.GetProperty("atol").GetDouble(), tolerance.GetProperty("rtol").GetDouble());

    /// <summary>What differs most, and by how much; null when all is close. <paramref name="real"/> (B, T) is 1 where values are compared.</summary>
    public string? Fault(string name, Tensor expected, Tensor actual, Tensor? real = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (!expected.shape.SequenceEqual(actual.shape))
        {
            return $"{name} has the shape [{string.Join(", ", actual.shape)}], the reference [{string.Join(", ", expected.shape)}]";
        }

        var difference = (expected - actual).abs().to(ScalarType.Float64);
        var excess = difference / (Absolute + (Relative * expected.abs().to(ScalarType.Float64)));
        excess = where(excess.isnan(), double.PositiveInfinity, excess);
        if (real is not null)
        {
            excess = where(real.to(ScalarType.Bool).view([.. real.shape, .. Enumerable.Repeat(1L, (int)(excess.dim() - real.dim()))]), excess, zeros_like(excess));
        }

        if (excess.NumberOfElements == 0 || excess.max().item<double>() is var worst && worst <= 1)
        {
            return null;
        }

        var place = excess.flatten().argmax().item<long>();
        return FormattableString.Invariant(
            $"{name} differs by {difference.flatten()[place].item<double>():G3} ({worst:G3} times what is allowed) at [{string.Join(", ", Index(place, excess.shape))}]: {actual.flatten()[place].to(ScalarType.Float64).item<double>():G6} instead of {expected.flatten()[place].to(ScalarType.Float64).item<double>():G6}");
    }

    /// <summary>The same of one number.</summary>
    public string? Fault(string name, double expected, double actual) =>
        Math.Abs(expected - actual) <= Absolute + (Relative * Math.Abs(expected)) ? null : FormattableString.Invariant($"{name} is {actual:G8} instead of {expected:G8}");

    private static IEnumerable<long> Index(long place, long[] shape)
    {
        var step = shape.Aggregate(1L, (product, size) => product * size);
        foreach (var size in shape)
        {
            step /= size;
            yield return place / step % size;
        }
    }
}
