using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Generation.Processors;

namespace ExperimentHub.Parity.Generation;

/// <summary>What each processor makes of given scores.</summary>
internal static class ProcessorCases
{
    private const double Tolerance = 1e-5;

    public static void Run(string path, string name, Tally tally)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "cases.json")));
        using var reference = SafetensorsFile.Open(Path.Combine(path, "reference.safetensors"));
        foreach (var test in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            tally.Case($"{name}/{test.GetProperty("name").GetString()}", () => Check(reference, test));
        }
    }

    private static string? Check(SafetensorsFile reference, JsonElement test)
    {
        var caseName = test.GetProperty("name").GetString()!;
        using var logits = reference.Read(test.GetProperty("input").GetString()!);
        using var ids = reference.Read("input_ids");
        using var generated = reference.Read("generated_ids");
        using var wantedScores = reference.Read($"{caseName}.scores");
        using var wantedProbabilities = reference.Read($"{caseName}.probs");
        var (rows, vocabulary) = ((int)logits.shape[0], (int)logits.shape[1]);
        var (scores, tokens) = (logits.data<float>().ToArray(), ids.data<long>().Select(i => (int)i).ToArray());
        var (length, output) = ((int)ids.shape[1], (int)generated.shape[1]);
        for (var row = 0; row < rows; row++)
        {
            foreach (var step in test.GetProperty("steps").EnumerateArray())
            {
                Apply(step, scores.AsSpan(row * vocabulary, vocabulary), tokens.AsSpan(row * length, length), output);
            }
        }

        var probabilities = new float[scores.Length];
        for (var row = 0; row < rows; row++)
        {
            Scores.Softmax(scores.AsSpan(row * vocabulary, vocabulary), probabilities.AsSpan(row * vocabulary, vocabulary));
        }

        return Differs("scores", scores, wantedScores.data<float>().ToArray(), vocabulary) ?? Differs("probs", probabilities, wantedProbabilities.data<float>().ToArray(), vocabulary);
    }

    /// <summary>The parameters have Hugging Face's names, so what makes up a pipeline is read as settings; the rest is a call of the function.</summary>
    private static void Apply(JsonElement step, Span<float> scores, ReadOnlySpan<int> tokens, int generated)
    {
        var processor = step.GetProperty("processor").GetString()!;
        var filters = new SamplingFilters(scores.Length);
        var minimum = step.TryGetProperty("min_tokens_to_keep", out var keep) ? keep.GetInt32() : 1;
        switch (processor)
        {
            case "top_k":
                filters.TopK(scores, step.GetProperty(processor).GetInt32(), minimum);
                break;
            case "top_p":
                filters.TopP(scores, Number(), minimum);
                break;
            case "min_p":
                filters.MinP(scores, Number(), minimum);
                break;
            case "typical_p":
                filters.TypicalP(scores, Number(), minimum);
                break;
            case "epsilon_cutoff":
                filters.Epsilon(scores, Number(), minimum);
                break;
            case "eta_cutoff":
                filters.Eta(scores, Number(), minimum);
                break;
            case "top_h":
                filters.TopH(scores, Number());
                break;
            case "repetition_penalty" when step.TryGetProperty("prompt_ignore_length", out var ignored):
                Penalties.Repetition(scores, tokens[ignored.GetInt32()..], Number(), new int[scores.Length]);
                break;
            default:
                var settings = GenerationSettingsReader.Read(step, new GenerationSettings { DoSample = processor == "temperature", TopK = 0 }, "the case");
                var promptLength = step.TryGetProperty("prompt_length", out var length) ? length.GetInt32() : tokens.Length - generated;
                new LogitsProcessing(settings, scores.Length, promptLength, int.MaxValue).Apply(scores, tokens, tokens.Length - promptLength);
                break;
        }

        double Number() => step.GetProperty(processor).GetDouble();
    }

    private static string? Differs(string what, float[] got, float[] wanted, int vocabulary)
    {
        for (var i = 0; i < wanted.Length; i++)
        {
            if (float.IsNegativeInfinity(got[i]) != float.IsNegativeInfinity(wanted[i]) || Math.Abs((double)got[i] - wanted[i]) > Tolerance)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{what}[{i / vocabulary}, {i % vocabulary}] is {got[i]}, not {wanted[i]}");
            }
        }

        return null;
    }
}
