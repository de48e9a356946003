using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;
using Generator = ExperimentHub.Engine.Generation.Generator;

namespace ExperimentHub.Parity.Generation;

/// <summary>An encoder-decoder that writes: greedy and beam search with the settings of each case, and with those saved with the model.</summary>
internal static class TargetCases
{
    public static void Run(string path, string name, Tally tally)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "generation.json")));
        using var reference = SafetensorsFile.Open(Path.Combine(path, "generation.safetensors"));
        using var scope = NewDisposeScope();
        var folder = Path.Combine(path, "model");
        using var model = (EncoderDecoderModel)ModelLoader.Load(folder);
        var tolerance = document.RootElement.GetProperty("tolerance");
        foreach (var test in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var caseName = test.GetProperty("case").GetString()!;
            tally.Case($"{name}/{caseName}", () =>
            {
                var settings = caseName == "as_saved"
                    ? GenerationSettingsReader.ReadFolder(folder)
                    : GenerationSettingsReader.Read(test.GetProperty("settings"), new GenerationSettings(), "the case");
                return Check(model, settings, test, tolerance.GetProperty("sequences_scores").GetDouble())
                    ?? (settings.NumBeams == 1 ? Steps(model, settings, test, reference, Closeness.Read(tolerance.GetProperty("logits"))) : null);
            });
        }
    }

    private static string? Check(EncoderDecoderModel model, GenerationSettings settings, JsonElement test, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var decoding = Decoding(model, test);
        var starts = Enumerable.Repeat(new[] { settings.DecoderStartTokenId!.Value }, test.GetProperty("input_ids").GetArrayLength()).ToList();
        var written = Generator.Generate(decoding, starts, settings).SelectMany(s => s).ToList();
        var expected = test.GetProperty("output_ids").EnumerateArray().Select(row => Ended([.. row.EnumerateArray().Skip(1).Select(i => i.GetInt32())], settings)).ToList();
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

            if (test.TryGetProperty("sequences_scores", out var scores) && Math.Abs(scores[i].GetDouble() - written[i].Score!.Value) > tolerance)
            {
                return FormattableString.Invariant($"text {i} has the score {written[i].Score} instead of {scores[i].GetDouble()}");
            }
        }

        return null;
    }

    /// <summary>The logits of each step, and what the settings make of them; rows that have ended are not compared.</summary>
    private static string? Steps(EncoderDecoderModel model, GenerationSettings settings, JsonElement test, SafetensorsFile reference, Closeness tolerance)
    {
        using var scope = NewDisposeScope();
        var name = test.GetProperty("case").GetString();
        var (logits, scores) = (reference.Read($"{name}.logits"), reference.Read($"{name}.scores"));
        var rows = test.GetProperty("output_ids").EnumerateArray().Select(r => r.EnumerateArray().Select(i => i.GetInt32()).ToArray()).ToArray();
        using var decoding = Decoding(model, test);
        var processing = new Engine.Generation.Processors.LogitsProcessing(settings, model.Config.VocabSize, 1, settings.Limit(1, model.MaxTargetLength));
        for (var step = 0; step < logits.shape[1]; step++)
        {
            var computed = step == 0 ? decoding.Begin([.. rows.Select(r => r[..1])]) : decoding.Next([.. rows.Select(r => r[step])]);
            for (var row = 0; row < rows.Length; row++)
            {
                if (Ended(rows[row][1..(step + 1)], settings).Length < step || (step > 0 && settings.EosTokenId.Contains(rows[row][step])))
                {
                    continue;
                }

                var place = computed.Slice(row * model.Config.VocabSize, model.Config.VocabSize);
                var fault = tolerance.Fault($"logits of row {row}, step {step}", logits[row, step], tensor(place.ToArray()));
                processing.Apply(place, rows[row].AsSpan(0, step + 1), step);
                if ((fault ?? Processed($"scores of row {row}, step {step}", scores[row, step], place, tolerance)) is { } first)
                {
                    return first;
                }
            }
        }

        return null;
    }

    /// <summary>What is forbidden is so here and there; the rest is close.</summary>
    private static string? Processed(string name, Tensor expected, ReadOnlySpan<float> actual, Closeness tolerance)
    {
        var wanted = expected.contiguous().data<float>().ToArray();
        for (var i = 0; i < wanted.Length; i++)
        {
            if (float.IsNegativeInfinity(wanted[i]) != float.IsNegativeInfinity(actual[i]))
            {
                return $"{name}: token {i} is {(float.IsNegativeInfinity(actual[i]) ? "" : "not ")}forbidden";
            }

            if (!float.IsNegativeInfinity(wanted[i]) && tolerance.Fault($"{name}, token {i}", wanted[i], actual[i]) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static TargetDecoding Decoding(EncoderDecoderModel model, JsonElement test) =>
        new(model, Matrix(test.GetProperty("input_ids")), Matrix(test.GetProperty("attention_mask")));

    private static Tensor Matrix(JsonElement rows) =>
        tensor(rows.EnumerateArray().SelectMany(r => r.EnumerateArray().Select(i => i.GetInt64())).ToArray()).view(rows.GetArrayLength(), -1);

    /// <summary>Up to the first end token.</summary>
    private static int[] Ended(int[] tokens, GenerationSettings settings)
    {
        var end = Array.FindIndex(tokens, settings.EosTokenId.Contains);
        return end < 0 ? tokens : tokens[..(end + 1)];
    }
}
