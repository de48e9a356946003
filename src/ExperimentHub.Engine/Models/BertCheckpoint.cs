using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Protocol;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Loads a <see cref="Bert"/> from a Hugging Face folder and saves it as one.</summary>
internal static class BertCheckpoint
{
    /// <summary>
    /// The model of <paramref name="folder"/> in 32 bits. What the checkpoint has not (a head for these labels, a pooler) is new: normal
    /// with <c>initializer_range</c>, biases 0, drawn from torch's generator as it stands. Without <paramref name="labels"/> the head has
    /// the classes of the checkpoint.
    /// </summary>
    /// <exception cref="InputException">The folder cannot be used.</exception>
    public static Bert Load(string folder, IReadOnlyList<string>? labels = null)
    {
        var config = BertConfig.Read(folder);
        using var weights = WeightFiles.Open(folder);
        var head = BertTensors.Locate(weights, "classifier.weight") is { } name ? weights.Find(name) : null;
        var saved = config.Labels?.Count ?? (head is { Shape: [var rows, _] } ? (int)rows : 2);
        BertTensors.Check(weights, config, saved);
        labels ??= config.Labels ?? [.. Enumerable.Range(0, saved).Select(i => $"LABEL_{i}")];
        var bert = new Bert(config, labels);
        using var noGrad = no_grad();
        foreach (var weight in bert.Weights)
        {
            foreach (var (part, target) in weight.Split(weight.Value))
            {
                using var rows0 = target;
                // A head for other classes is not this head.
                var source = part.StartsWith("classifier.", StringComparison.Ordinal) && !KeepsHead(config, labels, saved) ? null : BertTensors.Locate(weights, part);
                if (source is null)
                {
                    Initialise(part, target, config);
                    continue;
                }

                using var values = weights.Read(source);
                target.copy_(values);
            }
        }

        return bert;
    }

    /// <summary>A model from scratch, as Hugging Face initialises one.</summary>
    public static Bert Create(BertConfig config, IReadOnlyList<string> labels)
    {
        var bert = new Bert(config, labels);
        using var noGrad = no_grad();
        foreach (var weight in bert.Weights)
        {
            foreach (var (part, target) in weight.Split(weight.Value))
            {
                Initialise(part, target, config);
                target.Dispose();
            }
        }

        using var padding = bert.WordEmbeddings.Value.select(0, config.PadTokenId);
        padding.zero_();
        return bert;
    }

    /// <summary>
    /// Writes configuration and weights, and copies the tokenizer and licence of <paramref name="origin"/>. The folder must exist;
    /// making it appear as a whole is the caller's part. <paramref name="values"/> gives the weight to save for each parameter, when that
    /// is not the one it computes with (masters in 32 bits).
    /// </summary>
    public static void Save(Bert bert, string folder, string origin, Func<Weight, Tensor>? values = null)
    {
        (bert.Config with { Architectures = ["BertForSequenceClassification"], ProblemType = "single_label_classification" }).Write(folder);
        var parts = new List<SafetensorsPart>();
        foreach (var weight in bert.Weights)
        {
            foreach (var (name, rows) in weight.Split(values?.Invoke(weight) ?? weight.Value))
            {
                parts.Add(rows.to(ScalarType.Float32).ToPart(name));
            }
        }

        SafetensorsWriter.Write(Path.Combine(folder, WeightFiles.SingleName), parts);
        foreach (var file in ModelFolder.CompanionFiles)
        {
            var source = Path.Combine(origin, file);
            if (File.Exists(source))
            {
                AtomicFile.Write(Path.Combine(folder, file), target =>
                {
                    using var bytes = File.OpenRead(source);
                    bytes.CopyTo(target);
                });
            }
        }
    }

    private static bool KeepsHead(BertConfig config, IReadOnlyList<string> labels, int saved) =>
        config.Labels is null ? labels.Count == saved : labels.SequenceEqual(config.Labels, StringComparer.Ordinal);

    private static void Initialise(string name, Tensor target, BertConfig config)
    {
        if (name.Contains("LayerNorm.weight", StringComparison.Ordinal))
        {
            target.fill_(1);
        }
        else if (name.EndsWith("bias", StringComparison.Ordinal))
        {
            target.zero_();
        }
        else
        {
            target.normal_(0, config.InitializerRange);
        }
    }
}
