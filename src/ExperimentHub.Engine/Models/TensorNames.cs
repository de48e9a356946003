using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// Where the tensors of a model are in a checkpoint, whatever names it uses: with or without the prefix of the body (<c>bert.</c>), with
/// the prefix of a relative, with the old <c>gamma</c> and <c>beta</c> of normalisations.
/// </summary>
internal sealed class TensorNames(WeightFiles weights, PretrainedModel model)
{
    /// <summary>The name under which the checkpoint holds a part of <paramref name="weight"/>; null when it does not.</summary>
    public string? Locate(Weight weight, WeightPart part) =>
        Candidates(part.Name).SelectMany(name => weight.IsLayerNorm ? [name, OldNorm(name)] : (IEnumerable<string>)[name]).FirstOrDefault(name => weights.Find(name) is not null);

    public bool Has(Weight weight) => weight.Parts.All(p => Locate(weight, p) is not null);

    private IEnumerable<string> Candidates(string name)
    {
        yield return name;
        var own = model.Prefixes.FirstOrDefault(p => name.StartsWith(p + ".", StringComparison.Ordinal));
        var bare = own is null ? name : name[(own.Length + 1)..];
        if (own is not null)
        {
            yield return bare;
        }

        if (own is not null || model.Head == ModelHead.None)
        {
            foreach (var prefix in model.Prefixes.Where(p => p != own))
            {
                yield return $"{prefix}.{bare}";
            }
        }
    }

    private static string OldNorm(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) ? name[..^"weight".Length] + "gamma" : name[..^"bias".Length] + "beta";
}
