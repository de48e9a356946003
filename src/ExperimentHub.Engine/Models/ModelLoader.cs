using ExperimentHub.Engine.Checkpoints;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Loads a model from a Hugging Face folder, or makes one from scratch.</summary>
internal static class ModelLoader
{
    /// <summary>The setting that decides how many rows the last layer of a classifier has.</summary>
    private const string LabelSetting = "id2label";

    private const int LabelsWhenUnknown = 2;

    /// <summary>
    /// The model of <paramref name="folder"/> in <paramref name="precision"/>, with <paramref name="head"/> or the one of the checkpoint's class. What the checkpoint has
    /// not (a head for these labels, a pooler) is new, as the family initialises it, drawn from torch's generator as it stands. Without
    /// <paramref name="labels"/> a classifier has the classes of the checkpoint. It takes the memory of its weights and a few MB beside it.
    /// </summary>
    /// <exception cref="InputException">The folder cannot be used.</exception>
    public static PretrainedModel Load(string folder, ModelHead? head = null, IReadOnlyList<string>? labels = null, ScalarType precision = ScalarType.Float32)
    {
        var config = ModelConfig.Read(folder);
        using var weights = WeightFiles.Open(folder);
        var saved = Plan(weights, config, head);
        var keepsHead = labels is null || config.Labels is null ? labels is null || labels.Count == saved.Config.Labels!.Count : labels.SequenceEqual(config.Labels, StringComparer.Ordinal);
        var model = labels is null ? saved : ModelFamily.Of(config).Build(config with { Labels = labels }, saved.Head);
        var names = new TensorNames(weights, model);
        model.Precision = precision;
        using var noGrad = no_grad();
        foreach (var weight in model.AllWeights)
        {
            if (weight.MayTieTo is { } other && IsTied(weights, names, weight, other))
            {
                weight.TieTo(other);
                continue;
            }

            weight.Allocate(precision);
            foreach (var (part, (_, target)) in weight.Parts.Zip(weight.Split(weight.Value)))
            {
                using var rows = target;
                Fill(rows, weight, keepsHead || weight.Setting != LabelSetting ? names.Locate(weight, part) : null);
            }
        }

        return model;

        void Fill(Tensor rows, Weight weight, string? source)
        {
            if (source is null)
            {
                weight.Initial.Fill(rows);
            }
            else
            {
                weights.CopyTo(source, rows);
            }
        }
    }

    /// <summary>The classifier of texts of a folder, for these classes.</summary>
    /// <exception cref="InputException">The folder cannot be used, or its model is no encoder.</exception>
    public static EncoderModel LoadClassifier(string folder, IReadOnlyList<string>? labels = null)
    {
        var model = Load(folder, ModelHead.SequenceClassification, labels);
        if (model is EncoderModel encoder)
        {
            return encoder;
        }

        model.Dispose();
        throw new InputException($"The model is a {model.Config.Family}, which classifies no texts here; choose an encoder such as BERT or RoBERTa.", "model.no_encoder", model.Config.Family);
    }

    /// <summary>
    /// The model that a checkpoint is of, checked against it and without memory of its own. The classes of a head are those that the
    /// configuration names, or as many as the checkpoint has.
    /// </summary>
    /// <exception cref="InputException">The weights do not fit the configuration.</exception>
    public static PretrainedModel Plan(WeightFiles weights, ModelConfig config, ModelHead? head = null)
    {
        var family = ModelFamily.Of(config);
        var built = head ?? config.Architectures.Select(family.HeadOf).FirstOrDefault(h => h is not null) ?? ModelHead.None;
        var model = family.Build(config.Labels is null ? config with { Labels = Numbered(LabelsWhenUnknown) } : config, built);
        if (config.Labels is null)
        {
            var hasLabels = model.AllWeights.Any(w => w.Setting == LabelSetting);
            model = !hasLabels ? family.Build(config, built)
                : RowsOfHead(weights, model) is { } rows && rows != LabelsWhenUnknown ? family.Build(config with { Labels = Numbered(rows) }, built)
                : model;
        }

        CheckpointFit.Check(weights, model);
        return model;
    }

    /// <summary>A model from scratch, as Hugging Face initialises one.</summary>
    public static PretrainedModel Create(ModelConfig config, ModelHead head)
    {
        var model = ModelFamily.Of(config).Build(config, head);
        using var noGrad = no_grad();
        foreach (var weight in model.AllWeights)
        {
            if (weight.MayTieTo is { } other)
            {
                weight.TieTo(other);
                continue;
            }

            weight.Allocate();
            weight.Initial.Fill(weight.Value);
        }

        return model;
    }

    private static IReadOnlyList<string> Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")];

    private static int? RowsOfHead(WeightFiles weights, PretrainedModel model)
    {
        const int MostLabels = 100_000;
        var names = new TensorNames(weights, model);
        return model.AllWeights.FirstOrDefault(w => w.Setting == LabelSetting) is { } weight && names.Locate(weight, weight.Parts[0]) is { } name
            && weights.Find(name)!.Shape is [var rows, ..] && rows is > 0 and <= MostLabels ? (int)rows : null;
    }

    /// <summary>Not in the checkpoint, or there a second time with the same numbers.</summary>
    private static bool IsTied(WeightFiles weights, TensorNames names, Weight weight, Weight other) =>
        names.Locate(weight, weight.Parts[0]) is not { } own
        || (names.Locate(other, other.Parts[0]) is { } shared && weights.Find(own)!.Type == weights.Find(shared)!.Type && HaveTheSameBytes(weights, own, shared));

    private static bool HaveTheSameBytes(WeightFiles weights, string one, string other)
    {
        var first = weights.Bytes(one);
        var second = weights.Bytes(other);
        var same = first.SequenceEqual(second);
        weights.Forget(one, first);
        weights.Forget(other, second);
        return same;
    }
}
