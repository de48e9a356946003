using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;
using Generator = ExperimentHub.Engine.Generation.Generator;

namespace ExperimentHub.Parity.Generation;

/// <summary>A decoder that writes: greedy and beam search with all kinds of settings, single and in padded batches, with and without a draft.</summary>
internal static class WritingCases
{
    private const double ScoreTolerance = 1e-4;

    public static void Run(string path, string name, Tally tally)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "cases.json")));
        using var scope = NewDisposeScope();
        using var model = (DecoderModel)ModelLoader.Load(Path.Combine(path, "model"));
        var tokenizer = Tokenizer.Load(Path.Combine(path, "model"));
        foreach (var test in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var caseName = test.GetProperty("name").GetString()!;
            var settings = new Lazy<GenerationSettings>(() => Settings(test));
            tally.Case($"{name}/{caseName}", () => Check(model, tokenizer, settings.Value, test));
            if (caseName.StartsWith("greedy/", StringComparison.Ordinal) && test.GetProperty("input_ids").GetArrayLength() == 1)
            {
                tally.Case($"{name}/{caseName}/draft", () => CheckDraft(model, settings.Value, test));
            }
        }

        tally.Case($"{name}/step_logits", () => StepLogits(path, model, document.RootElement.GetProperty("cases").EnumerateArray().First(c => c.GetProperty("name").GetString() == "greedy/0")));
    }

    private static GenerationSettings Settings(JsonElement test) =>
        GenerationSettingsReader.Read(test.GetProperty("generate"), new GenerationSettings { PadTokenId = 0, EosTokenId = [2] }, "the case");

    private static List<int[]> Prompts(JsonElement test) =>
    [
        .. test.GetProperty("input_ids").EnumerateArray().Zip(
            test.GetProperty("attention_mask").EnumerateArray(),
            (ids, mask) => ids.EnumerateArray().Zip(mask.EnumerateArray()).Where(t => t.Second.GetInt32() == 1).Select(t => t.First.GetInt32()).ToArray()),
    ];

    private static string? Check(DecoderModel model, Tokenizer tokenizer, GenerationSettings settings, JsonElement test)
    {
        using var decoding = new DecoderDecoding(model);
        var written = Generator.Generate(decoding, Prompts(test), settings, tokenizer).SelectMany(s => s).ToList();
        var expected = test.GetProperty("new_tokens").EnumerateArray().Select(Ids).ToList();
        if (written.Count != expected.Count)
        {
            return $"{written.Count} texts instead of {expected.Count}";
        }

        for (var i = 0; i < written.Count; i++)
        {
            if (!written[i].Tokens.SequenceEqual(expected[i]))
            {
                return $"text {i} is [{string.Join(' ', written[i].Tokens)}] instead of [{string.Join(' ', expected[i])}]";
            }

            if (test.TryGetProperty("text", out var texts) && tokenizer.Decode([.. written[i].Tokens]) is var text && text != texts[i].GetString())
            {
                return $"text {i} reads {text.ReplaceLineEndings("\\n")}";
            }

            if (test.TryGetProperty("sequences_scores", out var scores) && Math.Abs(scores[i].GetDouble() - written[i].Score!.Value) > ScoreTolerance)
            {
                return FormattableString.Invariant($"text {i} has the score {written[i].Score} instead of {scores[i].GetDouble()}");
            }
        }

        return null;
    }

    /// <summary>With a draft that is always right and one that knows nothing: the text is the same.</summary>
    private static string? CheckDraft(DecoderModel model, GenerationSettings settings, JsonElement test)
    {
        using var weak = (DecoderModel)ModelLoader.Create(model.Config, model.Head);
        foreach (var helper in new[] { model, weak })
        {
            using var decoding = new DecoderDecoding(model);
            using var draft = new DecoderDecoding(helper);
            var written = AssistedSearch.Generate(decoding, draft, Prompts(test)[0], settings);
            if (!written.Tokens.SequenceEqual(Ids(test.GetProperty("new_tokens")[0])))
            {
                return $"the text is [{string.Join(' ', written.Tokens)}]";
            }
        }

        return null;
    }

    /// <summary>The logits of each step of the first case.</summary>
    private static string? StepLogits(string path, DecoderModel model, JsonElement test)
    {
        using var reference = SafetensorsFile.Open(Path.Combine(path, "reference.safetensors"));
        using var expected = reference.Read("greedy0.step_logits");
        using var decoding = new DecoderDecoding(model);
        var tokens = Ids(test.GetProperty("new_tokens")[0]);
        var actual = empty(expected.shape);
        for (var step = 0; step < expected.shape[0]; step++)
        {
            var logits = step == 0 ? decoding.Begin(Prompts(test)) : decoding.Next([tokens[step - 1]]);
            using var row = tensor(logits.ToArray());
            using var target = actual[step];
            target.copy_(row);
        }

        return new Closeness(1e-4, 0).Fault("step_logits", expected, actual);
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(i => i.GetInt32())];
}
