using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Models;

/// <summary>Makes a model from scratch, without torch: weights as its family begins them, over a tokenizer of the store or one that is learned from a data set.</summary>
public static class ModelCreator
{
    public const int SmallestVocabulary = 100;
    public const int LargestVocabulary = 200_000;

    private const string TokenizerSettings = "tokenizer_config.json";

    /// <summary>Creates it in <paramref name="store"/><c>/models/HASH</c>; <paramref name="progress"/> gets the stage and what is done of all.</summary>
    /// <exception cref="InputException">A setting cannot be, the data set has no texts, or the tokenizer lacks what the family needs.</exception>
    public static async Task<ModelInfo> CreateAsync(
        ModelCreation chosen, string store, Action<string, long, long>? progress = null, CancellationToken cancellation = default)
    {
        var family = FamilyPresets.Find(chosen.Family);
        var size = family.Size(chosen.Preset);
        var learned = chosen.Tokenizer is null ? await LearnAsync(chosen, family, size, store, progress, cancellation) : null;
        var source = learned is not null ? null
            : TokenizerStore.Find(store, chosen.Tokenizer) ?? throw new InputException("The tokenizer is not in the store; name it by its content hash.", "model.no_such_tokenizer");
        progress?.Invoke("weights", 0, 1);
        var name = InputException.Quote(chosen.Name.Length > 0 ? chosen.Name : $"{family.Type}-{size.Name}");
        return ModelStore.Add(store, name, "from_scratch", Write);

        void Write(string folder)
        {
            learned?.Save(folder);
            foreach (var file in source is null ? [] : ModelFolder.TokenizerFiles.Where(f => File.Exists(Path.Combine(source, f))))
            {
                File.Copy(Path.Combine(source!, file), Path.Combine(folder, file));
            }

            var tokenizer = Tokenizer.Load(folder);
            family.Check(TokenizerRoles.Of(tokenizer));
            SetLength(folder, family, size);
            var plan = family.Plan(size, tokenizer.IdCount, tokenizer.Special);
            AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), plan.ConfigJson.ToJsonString(WireJson.Indented) + "\n");
            WriteWeights(folder, plan, chosen.Seed, cancellation);
        }
    }

    private static async Task<TokenizerFile> LearnAsync(
        ModelCreation chosen, FamilyPreset family, ModelPreset preset, string store, Action<string, long, long>? progress, CancellationToken cancellation)
    {
        var size = chosen.VocabularySize == 0 ? preset.VocabularySize : chosen.VocabularySize;
        if (size is < SmallestVocabulary or > LargestVocabulary)
        {
            throw new InputException($"A vocabulary has {SmallestVocabulary} to {LargestVocabulary} tokens; choose a size between.", "model.vocabulary_size", SmallestVocabulary, LargestVocabulary);
        }

        if (!ContentHash.IsValid(chosen.Dataset))
        {
            throw new InputException("Name a data set by its hash, or a tokenizer.", "model.dataset");
        }

        var training = family.Tokenizer with { VocabularySize = size, Lowercase = chosen.Lowercase };
        var (file, _, _) = await DatasetTokenizer.LearnAsync(training, chosen.Dataset!, store, progress ?? ((_, _, _) => { }), cancellation);
        return file;
    }

    /// <summary>
    /// The tokenizer cuts at the model's length; a model that knows no second kind of token is not given their types, which transformers
    /// would hand over otherwise.
    /// </summary>
    private static void SetLength(string folder, FamilyPreset family, ModelPreset size)
    {
        var path = Path.Combine(folder, TokenizerSettings);
        if (!File.Exists(path))
        {
            return;
        }

        var settings = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        settings["model_max_length"] = size.MaxLength;
        string[] inputs = family.HasTokenTypes ? ["input_ids", "token_type_ids", "attention_mask"] : ["input_ids", "attention_mask"];
        settings["model_input_names"] = new JsonArray([.. inputs.Select(i => (JsonNode)i)]);
        AtomicFile.WriteAllText(path, settings.ToJsonString(WireJson.Indented) + "\n");
    }

    /// <summary>Each tensor draws from a stream of its own, so none depends on the order in which they are written.</summary>
    private static void WriteWeights(string folder, ModelPlan plan, long seed, CancellationToken cancellation)
    {
        var tensors = plan.Weights.SelectMany(w => w.Parts.Select(p => (Weight: w, Part: p))).Select((t, number) => new SafetensorsPart(
            t.Part.Name, SafetensorsType.F32, t.Weight.ShapeOf(t.Part), (span, _) =>
            {
                cancellation.ThrowIfCancellationRequested();
                var width = t.Weight.RowShape.Aggregate(1L, (product, length) => product * length);
                InitialValues.Fill(MemoryMarshal.Cast<byte, float>(span), (int)width, t.Weight.Initial, new SeededRandom(unchecked(((ulong)seed * 1_000_003) + (ulong)number)));
            }));
        SafetensorsWriter.Write(Path.Combine(folder, WeightFiles.SingleName), tensors);
    }
}
