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

            var family = ReferenceCase.Text(Path.Combine(model, "model", "config.json"), "model_type");
            var kind = ModelFamily.All.FirstOrDefault(f => f.Type == family)?.Kind;
            if (kind is null)
            {
                tally.Skip(name, family is null ? "the folder has no model" : $"the family {family} is not there yet");
            }
            else if (kind == ModelKinds.Decoder)
            {
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
            else if (kind == ModelKinds.EncoderDecoder)
            {
                SequenceToSequenceCases.Run(model, name, tally);
            }
            else
            {
                EncoderCases.Run(model, name, tally);
            }
        }
    }
}
