using System.Text.Json;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>Compares the norm of every parameter's gradient, and the whole gradient where the reference has it.</summary>
internal static class GradientCheck
{
    /// <summary>A gradient that is zero in exact arithmetic has a norm below this: it is rounding noise, here and there.</summary>
    private const double Noise = 1e-6;

    public static string? Fault(ReferenceCase reference, PretrainedModel model, JsonElement norms, string prefix, Closeness tolerance)
    {
        using var noGrad = no_grad();
        var left = norms.EnumerateObject().Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        string? fault = null;
        foreach (var weight in model.Weights)
        {
            using var gradient = weight.Value.grad;
            foreach (var part in weight.Parts)
            {
                if (!left.Remove(part.Name))
                {
                    return $"the reference has no gradient of {part.Name}";
                }
            }

            fault ??= gradient is null ? $"{weight.Parts[0].Name} has no gradient" : Parts(weight, gradient);
        }

        return left.Count > 0 ? $"{left.First()} is no parameter here" : fault;

        string? Parts(Weight weight, Tensor gradient) => weight.Split(gradient)
            .Select(part =>
            {
                var norm = norms.GetProperty(part.Name).GetDouble();
                return norm < Noise ? null
                    : reference.Find(prefix + part.Name) is { } whole && tolerance.Fault($"the gradient of {part.Name}", whole, part.Rows) is { } difference ? difference
                    : tolerance.Fault($"the norm of the gradient of {part.Name}", norm, part.Rows.to(ScalarType.Float64).norm().item<double>());
            })
            .FirstOrDefault(f => f is not null);
    }
}
