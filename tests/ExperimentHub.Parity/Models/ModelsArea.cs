using ExperimentHub.Engine.Models;
using ExperimentHub.Parity.Generation;

namespace ExperimentHub.Parity.Models;

/// <summary>Cases of models: each folder is a checkpoint and what the reference library computes with it.</summary>
internal static class ModelsArea
{
    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var file in Directory.EnumerateFiles(path, "*relative_position_buckets.json"))
        {
            tally.Case(folder.Name(file), () => SequenceToSequenceCases.Buckets(file));
        }

        foreach (var model in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            var name = folder.Name(model);
            if (!tally.Wants(name))
            {
                continue;
            }

            if (Reason(model) is { } reason)
            {
                tally.Skip(name, reason);
            }
            else if (File.Exists(Path.Combine(model, "README.md")))
            {
                // Decoders have files of another form, which their own README describes.
                DecoderCases.Run(model, name, tally);
            }
            else if (File.Exists(Path.Combine(model, "generation.json")))
            {
                TargetCases.Run(model, name, tally);
            }
            else if (ReferenceCase.Text(Path.Combine(model, "reference.json"), "class") == "SentenceTransformer")
            {
                SentenceCases.Run(model, name, tally);
            }
            else if (File.Exists(Path.Combine(model, "batches.safetensors")))
            {
                TrajectoryCases.Run(model, name, tally);
            }
            else if (Directory.Exists(Path.Combine(model, "model")) && ModelFamily.Of(ModelConfig.Read(Path.Combine(model, "model"))).Heads.Values.Contains(ModelHead.ConditionalGeneration))
            {
                SequenceToSequenceCases.Run(model, name, tally);
            }
            else
            {
                EncoderCases.Run(model, name, tally);
            }
        }
    }

    /// <summary>Why a folder cannot be run by what there is; null: it can.</summary>
    private static string? Reason(string folder)
    {
        var model = Path.Combine(folder, "model");
        var family = ReferenceCase.Text(Path.Combine(model, "config.json"), "model_type");
        return family is null ? "the folder has no model"
            : !ModelFamily.Types.Contains(family) ? $"the family {family} is not there yet"
            : null;
    }
}
