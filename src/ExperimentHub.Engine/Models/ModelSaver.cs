using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Protocol;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Saves a model as a Hugging Face folder.</summary>
internal static class ModelSaver
{
    private const string SingleLabel = "single_label_classification";

    /// <summary>
    /// Writes configuration and weights, and copies the tokenizer and licence of <paramref name="origin"/>. The folder must exist;
    /// making it appear as a whole is the caller's part. <paramref name="values"/> gives the weight to save for each parameter, when that
    /// is not the one it computes with (masters in 32 bits). A tied weight is saved once.
    /// </summary>
    public static void Save(PretrainedModel model, string folder, string origin, Func<Weight, Tensor>? values = null)
    {
        var problem = model.Head == ModelHead.SequenceClassification ? model.Config.ProblemType ?? SingleLabel : model.Config.ProblemType;
        var family = ModelFamily.Of(model.Config);
        // Said only where it has changed, and not of an encoder-decoder: there the setting also decides what else has numbers of its own.
        var untied = model.Config.TiesWordEmbeddings && family.Kind != ModelKinds.EncoderDecoder && model.AllWeights.Any(w => w is { MayTieTo: not null, IsTied: false });
        (model.Config with { Architectures = [family.ArchitectureOf(model.Head)], ProblemType = problem }).Write(folder, untied);
        var parts = new List<SafetensorsPart>();
        foreach (var weight in model.AllWeights.Where(w => !w.IsTied))
        {
            foreach (var (name, rows) in weight.Split(values?.Invoke(weight) ?? weight.Value))
            {
                parts.Add(rows.to(ScalarType.Float32).ToPart(name));
            }
        }

        WeightFolder.Write(folder, parts);
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
}
