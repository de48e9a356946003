using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Engine.Models;

/// <summary>Compares a checkpoint with the model that its configuration asks for, before any memory is taken. Reads headers and bytes; needs no torch.</summary>
internal static class CheckpointFit
{
    private const int MostNamed = 3;

    /// <summary>Checks presence, shapes, types and values of all that the model needs.</summary>
    /// <exception cref="InputException">The weights do not fit the configuration, or hold NaN or infinities.</exception>
    public static void Check(WeightFiles weights, PretrainedModel model)
    {
        var names = new TensorNames(weights, model);
        CheckPresence(weights, model, names);
        var broken = new List<string>();
        foreach (var weight in model.AllWeights)
        {
            foreach (var part in weight.Parts)
            {
                if (names.Locate(weight, part) is { } name && !Fits(weights, name, weight, part))
                {
                    broken.Add(name);
                }
            }
        }

        if (broken.Count > 0)
        {
            throw new InputException($"{weights.Label} has values that are no numbers (NaN or infinite) in {string.Join(" and ", broken.Take(MostNamed))}{(broken.Count > MostNamed ? $" and {broken.Count - MostNamed} more" : "")}; the model cannot be used.", "checkpoint.not_finite", weights.Label, broken[0]);
        }
    }

    private static void CheckPresence(WeightFiles weights, PretrainedModel model, TensorNames names)
    {
        var missing = model.AllWeights.Where(w => w.Required).SelectMany(w => w.Parts.Where(p => names.Locate(w, p) is null).Select(p => (Weight: w, p.Name))).ToList();
        if (missing.Count == 1)
        {
            throw new InputException($"{weights.Label} lacks {missing[0].Name}, which config.json asks for; copy the folder again.", "checkpoint.missing_tensor", weights.Label, missing[0].Name);
        }

        if (missing.Count > 1)
        {
            var expected = model.AllWeights.Sum(w => w.Parts.Count);
            var setting = missing.All(m => m.Weight.Depth >= 1 && m.Weight.Depth <= model.Config.Layers) ? $" ({model.Config.LayersSetting} is {model.Config.Layers})" : "";
            throw new InputException($"{weights.Label} lacks {missing.Count} of the {expected} tensors that config.json asks for{setting}; the first is {missing[0].Name}.", "checkpoint.missing_tensors", weights.Label, missing.Count, missing[0].Name);
        }
    }

    /// <summary>False when the tensor holds a value that is no number.</summary>
    private static bool Fits(WeightFiles weights, string name, Weight weight, WeightPart part)
    {
        var entry = weights.Find(name)!;
        if (!entry.Shape.SequenceEqual(weight.ShapeOf(part)))
        {
            throw new InputException($"{weights.FileOf(name)}: {name} has the shape {entry.ShapeText}, config.json ({weight.Setting}) asks for {SafetensorsEntry.FormatShape(weight.ShapeOf(part))}.", "checkpoint.shape", weights.FileOf(name), name, entry.ShapeText, weight.Setting);
        }

        return entry.Type.IsFloat()
            ? FiniteValues.All(entry.Type, weights.Bytes(name))
            : throw new InputException($"{weights.FileOf(name)}: {name} is of type {entry.Type.WireName()}; weights must be F32, F16, BF16 or F64.", "checkpoint.dtype", weights.FileOf(name), name, entry.Type.WireName());
    }
}
