using ExperimentHub.Engine;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Engine.Tokenizers;
using static TorchSharp.torch;

namespace ExperimentHub.Worker.Models;

/// <summary>
/// <c>worker check</c>: says what was understood of a model folder, of any family, and lets the model read one text where its family is known.
/// An adapter is held against its base. A folder that cannot be used ends it with the sentence that says why.
/// </summary>
internal static class CheckCommand
{
    private const string Text = "The film was good, and its ending surprised me. 电影很好看。";
    private const int MostModules = 12;

    public static Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("check", arguments, ["base"], []);
        if (line.Alone is not [var folder])
        {
            throw line.Fault("name the folder of a model or of an adapter");
        }

        if (!Directory.Exists(folder))
        {
            throw new InputException($"There is no folder {InputException.Quote(folder, 200)}.", "model.no_folder");
        }

        if (File.Exists(Path.Combine(folder, AdapterConfig.FileName)))
        {
            CheckAdapter(folder, line.Text("base"));
            return Task.FromResult(0);
        }

        var fields = ConfigFields.Read(folder);
        var type = fields.Text("model_type") ?? "(model_type is missing)";
        Say("family", type + (fields.Texts("architectures") is [var first, ..] ? $" ({first})" : ""));
        using (var weights = WeightFiles.Open(folder))
        {
            Say("weights", $"{weights.Label}: {WeightSummary.Of(weights)}");
            foreach (var (module, parameters) in WeightSummary.Modules(weights).Take(MostModules))
            {
                Say("", FormattableString.Invariant($"{module}: {parameters:N0}"));
            }
        }

        var info = ModelFamily.Types.Contains(type) ? ModelFolder.Inspect(folder) : null;
        if (info is not null)
        {
            Say("shape", $"{info.Layers} layers, width {info.HiddenSize}, {info.AttentionHeads} heads, {info.VocabularySize} tokens known, at most {info.MaxLength} in a text");
            Say("classes", info.Labels is { } labels ? string.Join(", ", labels.Take(10)) + (labels.Count > 10 ? $" and {labels.Count - 10} more" : "") : "no classification head");
            Say("licence", info.Licence ?? "none named");
        }

        var tokenizer = HasTokenizer(folder) ? Tokenizer.Load(folder) : null;
        Say("tokenizer", tokenizer is null ? "none" : $"{tokenizer.Kind}, {tokenizer.VocabularySize} tokens");
        var templates = ChatTemplates.Load(folder);
        Say("template", templates is null ? "none" : string.Join(", ", templates.ByName.Keys));
        foreach (var warning in (info?.Warnings ?? []).Concat(tokenizer?.Warnings ?? []))
        {
            Say("note", warning.Message);
        }

        Say("self-test", SelfTest(folder, type, tokenizer));
        return Task.FromResult(0);
    }

    private static void CheckAdapter(string folder, string? baseFolder)
    {
        using var adapter = Adapter.Open(folder);
        var (config, weights) = (adapter.Config, adapter.Weights);
        Say("adapter", $"{config.Method.WireName()}{(config.Task is { } task ? $" for {task.WireName()}" : "")}{(config.IsWeightDecomposed ? ", DoRA" : "")}{(config.UsesRankStabilisation ? ", rsLoRA" : "")}");
        Say("weights", FormattableString.Invariant($"{weights.Name}: {weights.Entries.Count()} tensors, {weights.Entries.Sum(e => e.Elements):N0} parameters"));
        Say("modules", config.Method.HasPrompt() ? $"{config.VirtualTokens} virtual tokens" : FormattableString.Invariant($"{weights.Parts.Count} of the base, r = {config.Rank}, alpha = {config.Alpha}"));
        Say("saved", weights.Saved.Count == 0 ? "nothing of the base as a whole" : string.Join(", ", weights.Saved.Keys.Take(MostModules)));
        Say("made on", config.BaseModel is { } made ? InputException.Quote(made, 200) + " (as its file says)" : "not said");
        if (baseFolder is null)
        {
            Say("base", "not compared; name it with --base FOLDER");
            return;
        }

        foreach (var warning in adapter.Check(AdapterBase.Read(baseFolder, config.Task)))
        {
            Say("note", warning.Message);
        }

        Say("base", "fits by names and shapes");
    }

    private static void Say(string what, string text) => Console.WriteLine($"{what,-10} {text}");

    private static bool HasTokenizer(string folder) =>
        ModelFolder.CompanionFiles.Any(f => (f is "tokenizer.json" or "vocab.txt" or "vocab.json" || f.EndsWith(".model", StringComparison.Ordinal)) && File.Exists(Path.Combine(folder, f)));

    /// <summary>Loads the model and lets it read one text.</summary>
    private static string SelfTest(string folder, string type, Tokenizer? tokenizer)
    {
        if (!ModelFamily.Types.Contains(type))
        {
            return $"left out: the family {type} is not computed here; known are {string.Join(", ", ModelFamily.Types)}";
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelLoader.Load(folder);
        // Without a tokenizer any ids will do to see that numbers come out.
        int[] ids = tokenizer is null ? [.. Enumerable.Range(0, Math.Min(8, model.Config.VocabSize))] : [.. tokenizer.Encode(Text, maxLength: Math.Min(model.Config.MaxLength, 64)).Ids];
        using var row = tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0);
        var (seen, what) = Read(model, row);
        return seen.isfinite().all().item<bool>()
            ? $"{(tokenizer is null ? "a row" : "a text")} of {ids.Length} tokens gives {what} ({string.Join(", ", seen.shape)}), from {seen.min().item<float>():G4} to {seen.max().item<float>():G4}"
            : throw new InputException("The model loads, but what it computes of a text is no number; its weights are broken.", "checkpoint.computes_nothing");
    }

    private static (Tensor Seen, string What) Read(PretrainedModel model, Tensor row)
    {
        switch (model)
        {
            case EncoderModel encoder:
                var read = encoder.Run(new PaddedBatch { Ids = row });
                return Told(read.Hidden, read.Logits);
            case DecoderModel decoder:
                var continued = decoder.Run(new DecoderBatch { Ids = row });
                return Told(continued.Hidden, continued.Logits);
            case EncoderDecoderModel both:
                return (both.Score(both.Decode(both.ShiftRight(row), both.Encode(row, null), null)), "logits");
            default:
                throw new NotSupportedException($"{model.GetType().Name} reads no row.");
        }

        static (Tensor, string) Told(Tensor hidden, Tensor? logits) => logits is null ? (hidden, "hidden states") : (logits, "logits");
    }
}
