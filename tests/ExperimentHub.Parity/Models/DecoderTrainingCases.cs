using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Parity.Models;

/// <summary>Twelve steps of training a decoder: loss, norm of the gradient and rate of each, and every weight after the last.</summary>
internal static class DecoderTrainingCases
{
    private const long Ignored = -100;

    public static void Run(string folder, string name, Tally tally)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "training.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "training.safetensors"));
        var facts = document.RootElement;
        foreach (var variant in facts.GetProperty("variants").EnumerateObject())
        {
            foreach (var plain in new[] { true, false })
            {
                tally.Case($"{name}/training/{variant.Name}/{(plain ? "plain" : "fast")}", () => Check(Path.Combine(folder, "model"), facts, variant, tensors, plain));
            }
        }
    }

    private static string? Check(string folder, JsonElement facts, JsonProperty variant, SafetensorsFile tensors, bool plain)
    {
        using var scope = NewDisposeScope();
        using var model = (DecoderModel)ModelLoader.Load(folder);
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        var settings = facts.GetProperty("hyperparameters");
        using var optimizer = new AdamW(
            model.Weights, null, new AdamWSettings(Number("adam_beta1"), Number("adam_beta2"), Number("adam_epsilon"), Number("weight_decay")), plain);
        var schedule = new LearningRateSchedule(settings.GetProperty("lr_scheduler_type").GetString()!, (long)Number("warmup_steps"), (long)Number("max_steps"));
        var accumulated = variant.Value.GetProperty("gradient_accumulation_steps").GetInt32();
        var assistantOnly = variant.Value.GetProperty("labels").GetString()!.Contains("assistant_mask", StringComparison.Ordinal);
        var tolerance = facts.GetProperty("suggested_tolerance");
        var decayed = facts.GetProperty("weight_decay").EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal);
        if (model.Weights.FirstOrDefault(w => w.Parts.Any(p => decayed.Contains(p.Name) != w.Decays)) is { } other)
        {
            return $"{other.Parts[0].Name} is {(other.Decays ? "" : "not ")}decayed";
        }

        var step = 0;
        foreach (var expected in variant.Value.GetProperty("steps").EnumerateArray())
        {
            using var inner = NewDisposeScope();
            var rate = Number("learning_rate") * schedule.Factor(step);
            var loss = Backward(model, tensors, step * accumulated, accumulated, assistantOnly);
            var norm = Math.Sqrt(optimizer.SquaredNorm());
            var fault = Within("lr", expected.GetProperty("lr").GetDouble(), rate, tolerance.GetProperty("lr").GetDouble(), 0)
                ?? Within("loss", expected.GetProperty("loss").GetDouble(), loss, tolerance.GetProperty("loss").GetDouble(), 0)
                ?? Within("grad_norm", expected.GetProperty("grad_norm").GetDouble(), norm, 0, tolerance.GetProperty("grad_norm_relative").GetDouble());
            if (fault is not null)
            {
                return $"step {step + 1}: {fault}";
            }

            optimizer.Step(rate, Math.Min(1, Number("max_grad_norm") / (norm + 1e-6)));
            step++;
        }

        return Final(model, variant, tensors, tolerance.GetProperty("final_parameters_abs").GetDouble());

        double Number(string field) => settings.GetProperty(field).GetDouble();
    }

    /// <summary>The gradient of a step: the sum of all its micro-batches' losses over the number of tokens that are predicted in all of them.</summary>
    private static double Backward(DecoderModel model, SafetensorsFile tensors, int first, int count, bool assistantOnly)
    {
        var (ids, mask, assistant) = (tensors.Read("input_ids"), tensors.Read("attention_mask"), tensors.Read("assistant_mask"));
        var labels = where((assistantOnly ? assistant : mask).to(ScalarType.Bool), ids, full([], Ignored, ScalarType.Int64));
        var predicted = labels.narrow(0, first, count).narrow(2, 1, labels.shape[2] - 1).ne(Ignored).sum().item<long>();
        var total = 0.0;
        for (var i = first; i < first + count; i++)
        {
            using var scope = NewDisposeScope();
            var logits = model.Run(new DecoderBatch { Ids = ids[i], Mask = mask[i] }).Logits!;
            var length = logits.shape[1] - 1;
            var loss = functional.cross_entropy(
                logits.narrow(1, 0, length).reshape(-1, logits.shape[2]), labels[i].narrow(1, 1, length).reshape(-1), ignore_index: Ignored, reduction: Reduction.Sum) / predicted;
            loss.backward();
            total += loss.item<float>();
        }

        return total;
    }

    private static string? Final(DecoderModel model, JsonProperty variant, SafetensorsFile tensors, double tolerance)
    {
        var norms = variant.Value.GetProperty("final_parameter_norms");
        foreach (var weight in model.Weights)
        {
            foreach (var (name, rows) in weight.Split(weight.Value))
            {
                using var scope = NewDisposeScope();
                var fault = tensors.Entries.ContainsKey($"{variant.Name}.final.{name}") ? new Closeness(tolerance, 0).Fault(name, tensors.Read($"{variant.Name}.final.{name}"), rows) : null;
                fault ??= Within($"the norm of {name}", norms.GetProperty(name).GetDouble(), rows.to(ScalarType.Float64).norm().item<double>(), tolerance, tolerance);
                if (fault is not null)
                {
                    return fault;
                }
            }
        }

        return null;
    }

    private static string? Within(string name, double expected, double actual, double absolute, double relative) => new Closeness(absolute, relative).Fault(name, expected, actual);
}
