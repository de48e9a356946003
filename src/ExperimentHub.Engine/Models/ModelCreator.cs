using System.Runtime.InteropServices;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Models.Families;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Models;

/// <summary>Makes a BERT encoder from scratch, without torch: a vocabulary learned from a data set, and weights drawn from normal(0, 0.02).</summary>
public static class ModelCreator
{
    public const int SmallestVocabulary = 100;
    public const int LargestVocabulary = 200_000;

    private const int ReportEvery = 1000;

    /// <summary>Creates it in <paramref name="store"/><c>/models/HASH</c>; <paramref name="progress"/> gets the stage and rows done of all.</summary>
    /// <exception cref="InputException">A setting cannot be, or the data set has no texts.</exception>
    public static async Task<ModelInfo> CreateAsync(
        ModelCreation chosen, string store, Action<string, long, long>? progress = null, CancellationToken cancellation = default)
    {
        var preset = ModelPreset.All.FirstOrDefault(p => p.Name == chosen.Preset)
            ?? throw new InputException($"There is no size '{InputException.Quote(chosen.Preset)}'; there are {string.Join(", ", ModelPreset.All.Select(p => p.Name))}.", "model.preset", InputException.Quote(chosen.Preset));
        var size = chosen.VocabularySize == 0 ? preset.VocabularySize : chosen.VocabularySize;
        if (size is < SmallestVocabulary or > LargestVocabulary)
        {
            throw new InputException($"A vocabulary has {SmallestVocabulary} to {LargestVocabulary} tokens; choose a size between.", "model.vocabulary_size", SmallestVocabulary, LargestVocabulary);
        }

        if (!ContentHash.IsValid(chosen.Dataset))
        {
            throw new InputException("The data set must be named by its hash.", "model.dataset");
        }

        var vocabulary = await LearnVocabularyAsync(chosen, size, Path.Combine(store, "datasets", chosen.Dataset), progress, cancellation);
        progress?.Invoke("weights", 0, 1);
        var name = InputException.Quote(chosen.Name.Length > 0 ? chosen.Name : $"bert-{preset.Name}");
        return ModelStore.Add(store, name, "from_scratch", folder => Write(folder, preset, vocabulary, chosen));
    }

    private static async Task<IReadOnlyList<string>> LearnVocabularyAsync(
        ModelCreation chosen, int size, string folder, Action<string, long, long>? progress, CancellationToken cancellation)
    {
        var reader = await DatasetReader.OpenAsync(folder, cancellation: cancellation);
        var trainer = new WordPieceTrainer(size, chosen.Lowercase);
        long rows = 0;
        await foreach (var row in reader.ReadAsync(SplitNames.Train, cancellation))
        {
            trainer.Add(row.Text);
            if (row.TextPair is { } pair)
            {
                trainer.Add(pair);
            }

            if (++rows % ReportEvery == 0)
            {
                progress?.Invoke("reading", rows, reader.Info.SplitCounts[SplitNames.Train]);
            }
        }

        progress?.Invoke("vocabulary", rows, rows);
        var vocabulary = trainer.Train(cancellation: cancellation);
        return rows > 0 ? vocabulary : throw new InputException("The data set has no training rows; split it again.", "model.no_rows");
    }

    private static void Write(string folder, ModelPreset preset, IReadOnlyList<string> vocabulary, ModelCreation chosen)
    {
        var config = new BertConfig
        {
            Architectures = ["BertModel"],
            VocabSize = vocabulary.Count,
            HiddenSize = preset.HiddenSize,
            Layers = preset.Layers,
            Heads = preset.Heads,
            IntermediateSize = preset.IntermediateSize,
            MaxPositions = preset.MaxLength,
        };
        config.Write(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', vocabulary) + "\n");
        var lower = chosen.Lowercase ? "true" : "false";
        AtomicFile.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            $$"""{"tokenizer_class": "BertTokenizer", "do_lower_case": {{lower}}, "model_max_length": {{preset.MaxLength}}, "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}""" + "\n");

        // Each tensor draws from a stream of its own, so none depends on the order in which they are written.
        var bert = new Bert(config, ModelHead.None);
        var tensors = bert.AllWeights.SelectMany(w => w.Parts.Select(p => (Weight: w, Part: p))).Select((t, i) => new SafetensorsPart(
            t.Part.Name, SafetensorsType.F32, t.Weight.ShapeOf(t.Part), (span, part) => Fill(MemoryMarshal.Cast<byte, float>(span), part, t.Weight.Initial, chosen.Seed, i)));
        SafetensorsWriter.Write(Path.Combine(folder, WeightFiles.SingleName), tensors);
    }

    private static void Fill(Span<float> values, SafetensorsPart part, Initialisation initial, long seed, int number)
    {
        if (initial.Deviation == 0)
        {
            values.Fill((float)initial.Mean);
            return;
        }

        FillNormal(values, initial.Deviation, new SeededRandom(unchecked((ulong)seed * 1_000_003 + (ulong)number)));
        if (initial.PaddingRow is { } row)
        {
            var width = (int)part.Shape[1];
            values.Slice(row * width, width).Clear();   // padding means nothing
        }
    }

    /// <summary>Box and Muller 1958: two uniform numbers give two normal ones.</summary>
    private static void FillNormal(Span<float> values, double deviation, SeededRandom random)
    {
        const double Unit = 1.0 / (1L << 53);
        for (var i = 0; i < values.Length; i += 2)
        {
            var radius = deviation * Math.Sqrt(-2 * Math.Log(((random.Next() >> 11) + 1) * Unit));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * ((random.Next() >> 11) * Unit));
            values[i] = (float)(radius * cosine);
            if (i + 1 < values.Length)
            {
                values[i + 1] = (float)(radius * sine);
            }
        }
    }
}
