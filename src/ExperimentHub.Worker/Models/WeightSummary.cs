using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Worker.Models;

/// <summary>What weights are there, in a few words.</summary>
internal static class WeightSummary
{
    /// <summary><c>41 tensors, 4,400,000 parameters, 17,600,000 bytes, F32</c></summary>
    public static string Of(WeightFiles weights)
    {
        var types = string.Join(", ", weights.Entries.GroupBy(e => e.Type).OrderByDescending(g => g.Count()).Select(g => weights.Entries.All(e => e.Type == g.Key) ? g.Key.WireName() : $"{g.Key.WireName()} × {g.Count()}"));
        var (elements, bytes) = (weights.Entries.Sum(e => e.Elements), weights.Entries.Sum(e => e.End - e.Begin));
        return FormattableString.Invariant($"{weights.Entries.Count()} tensors, {elements:N0} parameters, {bytes:N0} bytes, {types}");
    }

    /// <summary>Parameters below the first names of a module path, the largest first.</summary>
    public static IEnumerable<(string Module, long Parameters)> Modules(WeightFiles weights, int depth = 2) => weights.Entries
        .GroupBy(e => string.Join('.', e.Name.Split('.')[..^1].Take(depth)), StringComparer.Ordinal)
        .Select(g => (Module: g.Key.Length == 0 ? "(top)" : g.Key, Parameters: g.Sum(e => e.Elements)))
        .OrderByDescending(m => m.Parameters);
}
