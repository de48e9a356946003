using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// One tensor that a BERT checkpoint must or may have, by its name with the prefix <c>bert.</c>; <paramref name="Setting"/> is the
/// setting of config.json that decides its shape, for messages.
/// </summary>
public sealed record BertTensor(string Name, IReadOnlyList<long> Shape, string Setting, bool Required = true);

/// <summary>
/// Which tensors a BERT classifier has, where they are in a checkpoint whatever names it uses (with or without <c>bert.</c>, the old
/// <c>gamma</c> and <c>beta</c>), and whether they fit the configuration. Reads headers and bytes; needs no torch.
/// </summary>
public static class BertTensors
{
    private const string Prefix = "bert.";

    public static IEnumerable<BertTensor> Of(BertConfig config, int labels)
    {
        long hidden = config.HiddenSize, wide = config.IntermediateSize;
        yield return new("bert.embeddings.word_embeddings.weight", [config.VocabSize, hidden], "vocab_size");
        yield return new("bert.embeddings.position_embeddings.weight", [config.MaxPositions, hidden], "max_position_embeddings");
        yield return new("bert.embeddings.token_type_embeddings.weight", [config.TypeVocabSize, hidden], "type_vocab_size");
        foreach (var tensor in Norm("bert.embeddings.LayerNorm", hidden))
        {
            yield return tensor;
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            var at = $"bert.encoder.layer.{layer}.";
            foreach (var tensor in (IEnumerable<BertTensor>)
            [
                .. Linear(at + "attention.self.query", hidden, hidden, "hidden_size"),
                .. Linear(at + "attention.self.key", hidden, hidden, "hidden_size"),
                .. Linear(at + "attention.self.value", hidden, hidden, "hidden_size"),
                .. Linear(at + "attention.output.dense", hidden, hidden, "hidden_size"),
                .. Norm(at + "attention.output.LayerNorm", hidden),
                .. Linear(at + "intermediate.dense", wide, hidden, "intermediate_size"),
                .. Linear(at + "output.dense", hidden, wide, "intermediate_size"),
                .. Norm(at + "output.LayerNorm", hidden),
            ])
            {
                yield return tensor;
            }
        }

        foreach (var tensor in Linear("bert.pooler.dense", hidden, hidden, "hidden_size"))
        {
            yield return tensor with { Required = false };
        }

        foreach (var tensor in Linear("classifier", labels, hidden, "id2label"))
        {
            yield return tensor with { Required = false };
        }
    }

    /// <summary>The name under which <paramref name="weights"/> holds the tensor; null when it does not.</summary>
    public static string? Locate(WeightFiles weights, string name)
    {
        var bare = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
        foreach (var candidate in (string[])[name, bare, OldNorm(name), OldNorm(bare)])
        {
            if (weights.Find(candidate) is not null)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Checks presence, shapes, types and values of all that a classifier needs, before anything is built.</summary>
    /// <exception cref="InputException">The weights do not fit the configuration, or hold NaN or infinities.</exception>
    public static void Check(WeightFiles weights, BertConfig config, int labels)
    {
        var expected = Of(config, labels).ToList();
        var missing = expected.Where(t => t.Required && Locate(weights, t.Name) is null).ToList();
        if (missing.Count == 1)
        {
            throw new InputException($"{weights.Label} lacks {missing[0].Name}, which config.json asks for; copy the folder again.", "checkpoint.missing_tensor", weights.Label, missing[0].Name);
        }

        if (missing.Count > 1)
        {
            var setting = missing.All(t => t.Name.Contains("encoder.layer.", StringComparison.Ordinal)) ? $" (num_hidden_layers is {config.Layers})" : "";
            throw new InputException($"{weights.Label} lacks {missing.Count} of the {expected.Count} tensors that config.json asks for{setting}; the first is {missing[0].Name}.", "checkpoint.missing_tensors", weights.Label, missing.Count, missing[0].Name);
        }

        var broken = new List<string>();
        foreach (var tensor in expected)
        {
            if (Locate(weights, tensor.Name) is not { } name)
            {
                continue;
            }

            var entry = weights.Find(name)!;
            if (!entry.Shape.SequenceEqual(tensor.Shape))
            {
                throw new InputException($"{weights.FileOf(name)}: {name} has the shape {entry.ShapeText}, config.json ({tensor.Setting}) asks for {SafetensorsEntry.FormatShape(tensor.Shape)}.", "checkpoint.shape", weights.FileOf(name), name, entry.ShapeText, tensor.Setting);
            }

            if (!entry.Type.IsFloat())
            {
                throw new InputException($"{weights.FileOf(name)}: {name} is of type {entry.Type.WireName()}; weights must be F32, F16, BF16 or F64.", "checkpoint.dtype", weights.FileOf(name), name, entry.Type.WireName());
            }

            if (!FiniteValues.All(entry.Type, weights.Bytes(name)))
            {
                broken.Add(name);
            }
        }

        if (broken.Count > 0)
        {
            throw new InputException($"{weights.Label} has values that are no numbers (NaN or infinite) in {string.Join(" and ", broken.Take(3))}{(broken.Count > 3 ? $" and {broken.Count - 3} more" : "")}; the model cannot be used.", "checkpoint.not_finite", weights.Label, broken[0]);
        }
    }

    private static string OldNorm(string name) => name
        .Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
        .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);

    private static BertTensor[] Linear(string at, long outputs, long inputs, string setting) =>
        [new(at + ".weight", [outputs, inputs], setting), new(at + ".bias", [outputs], setting)];

    private static BertTensor[] Norm(string at, long width) =>
        [new(at + ".weight", [width], "hidden_size"), new(at + ".bias", [width], "hidden_size")];
}
