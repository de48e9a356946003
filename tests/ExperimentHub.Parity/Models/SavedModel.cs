using ExperimentHub.Engine;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Parity.Models;

/// <summary>What is saved has the reference's tensors, names and shapes, loads again, and is saved with the same bytes again.</summary>
internal static class SavedModel
{
    public static string? Fault(PretrainedModel model, string origin)
    {
        var first = Directory.CreateTempSubdirectory("experimenthub-parity-");
        var second = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            ModelSaver.Save(model, first.FullName, origin);
            using var again = ModelLoader.Load(first.FullName);
            ModelSaver.Save(again, second.FullName, first.FullName);
            var changed = Directory.EnumerateFiles(first.FullName).Select(Path.GetFileName).FirstOrDefault(f =>
                ContentHash.OfFile(Path.Combine(first.FullName, f!)) != ContentHash.OfFile(Path.Combine(second.FullName, f!)));
            return changed is not null ? $"{changed} has other bytes when what was saved is saved again" : Tensors(model, origin, first.FullName);
        }
        finally
        {
            first.Delete(recursive: true);
            second.Delete(recursive: true);
        }
    }

    /// <summary>Same names, shapes and numbers as in the origin, where that one was written by the reference's current version.</summary>
    private static string? Tensors(PretrainedModel model, string origin, string saved)
    {
        using var expected = WeightFiles.Open(origin);
        using var actual = WeightFiles.Open(saved);
        foreach (var entry in expected.Entries.Where(e => !model.Ignores(e.Name) && e.Type == SafetensorsType.F32))
        {
            if (actual.Find(entry.Name) is { } found && (!found.Shape.SequenceEqual(entry.Shape) || !actual.Bytes(entry.Name).SequenceEqual(expected.Bytes(entry.Name))))
            {
                return $"{entry.Name} is saved as {found.ShapeText} with other numbers";
            }
        }

        var current = expected.Entries.Any(e => e.Name == model.AllWeights[0].Parts[0].Name) && expected.Entries.All(e => !e.Name.EndsWith("gamma", StringComparison.Ordinal));
        // A pickle may hold a tied weight under both of its names.
        var tied = model.AllWeights.Where(w => w.IsTied).SelectMany(w => w.Parts).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var missing = expected.Entries.FirstOrDefault(e => current && !model.Ignores(e.Name) && !tied.Contains(e.Name) && actual.Find(e.Name) is null);
        var more = actual.Entries.FirstOrDefault(e => current && expected.Find(e.Name) is null);
        return missing is not null ? $"{missing.Name} is not saved" : more is not null ? $"{more.Name} is saved, the reference has no such tensor" : null;
    }
}
