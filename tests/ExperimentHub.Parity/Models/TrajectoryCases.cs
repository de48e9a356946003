using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>A folder of a training: a dozen optimizer steps of each variant, and the weights and moments they leave.</summary>
internal static partial class TrajectoryCases
{
    public static void Run(string folder, string name, Tally tally)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var variant = Path.GetFileNameWithoutExtension(file);
            tally.Case($"{name}/{variant}", () => Fault(folder, variant, plain: false) ?? (Fault(folder, variant, plain: true) is { } plain ? "by torch's operators: " + plain : null));
        }
    }

    private static string? Fault(string folder, string variant, bool plain)
    {
        using var scope = NewDisposeScope();
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, variant + ".json")));
        var facts = document.RootElement;
        using var values = SafetensorsFile.Open(Path.Combine(folder, variant + ".safetensors"));
        using var batches = SafetensorsFile.Open(Path.Combine(folder, variant.StartsWith("accumulation", StringComparison.Ordinal) ? "batches_accumulation.safetensors" : "batches.safetensors"));
        var model = ModelLoader.Load(Path.Combine(folder, "model"));
        var optimizer = facts.GetProperty("optimizer");
        var (rate, betas) = (optimizer.GetProperty("learning_rate").GetDouble(), optimizer.GetProperty("betas"));
        var decay = facts.GetProperty("parameter_groups").EnumerateArray().Max(g => g.GetProperty("weight_decay").GetDouble());
        var settings = new AdamWSettings(betas[0].GetDouble(), betas[1].GetDouble(), optimizer.GetProperty("eps").GetDouble(), decay);
        using var learner = new ModelLearner(model, settings, facts.GetProperty("max_gradient_norm").GetDouble(), Plan(facts, rate), plain);
        if (Groups(facts, model) is { } group)
        {
            return group;
        }

        var plan = facts.GetProperty("schedule");
        var schedule = new LearningRateSchedule(plan.GetProperty("kind").GetString()!, plan.GetProperty("warmup_steps").GetInt64(), plan.GetProperty("total_steps").GetInt64());
        foreach (var step in facts.GetProperty("steps").EnumerateArray())
        {
            if (StepFault(step, facts, model, learner, batches, rate * schedule.Factor(step.GetProperty("step").GetInt64())) is { } fault)
            {
                return fault;
            }
        }

        return Weights(facts, values, model, learner) ?? FinalLogits(facts, values, model, batches);
    }

    /// <summary>From which step each weight learns and at which share of the rate, as the file says; our own plans say the same.</summary>
    private static LearningPlan Plan(JsonElement facts, double rate)
    {
        var from = facts.GetProperty("trainable").EnumerateArray()
            .SelectMany(t => t.GetProperty("names").EnumerateArray().Select(n => (Name: n.GetString()!, Step: t.GetProperty("from_step").GetInt64())))
            .GroupBy(t => t.Name, StringComparer.Ordinal).ToDictionary(t => t.Key, t => t.Min(one => one.Step));
        var factors = facts.GetProperty("parameter_groups").EnumerateArray()
            .SelectMany(g => g.GetProperty("names").EnumerateArray().Select(n => (Name: n.GetString()!, Factor: g.GetProperty("lr").GetDouble() / rate)))
            .ToDictionary(g => g.Name, g => g.Factor);
        return new(w => from.TryGetValue(w.Parts[0].Name, out var step) ? step : null, w => factors.GetValueOrDefault(w.Parts[0].Name, 1));
    }

    /// <summary>Which weights decay, and what our own plans make of the variants that are named after them.</summary>
    private static string? Groups(JsonElement facts, PretrainedModel model)
    {
        var plan = Plan(facts, facts.GetProperty("optimizer").GetProperty("learning_rate").GetDouble());
        var own = facts.GetProperty("name").GetString() switch
        {
            "gradual" => LearningPlan.Gradual(model.Config.Layers, facts.GetProperty("trainable")[1].GetProperty("from_step").GetInt64()),
            "layerwise_decay" => LearningPlan.LayerwiseDecay(model.Config.Layers, model.Weights.Where(w => w.Depth == model.Config.Layers).Select(plan.RateFactor).First()),
            _ => plan,
        };
        var decaying = facts.GetProperty("parameter_groups").EnumerateArray()
            .Where(g => g.GetProperty("weight_decay").GetDouble() > 0).SelectMany(g => g.GetProperty("names").EnumerateArray().Select(n => n.GetString())).ToHashSet();
        var total = facts.GetProperty("schedule").GetProperty("total_steps").GetInt64();
        foreach (var weight in model.Weights)
        {
            if (plan.From(weight) is { } && weight.Parts.Any(p => decaying.Contains(p.Name) != weight.Decays))
            {
                return $"{weight.Parts[0].Name} {(weight.Decays ? "decays" : "does not decay")}";
            }

            if ((own.From(weight) is { } step && step < total ? step : null) != plan.From(weight) || Math.Abs(own.RateFactor(weight) - plan.RateFactor(weight)) > 1e-9)
            {
                return $"{weight.Parts[0].Name} learns from step {own.From(weight)} at {own.RateFactor(weight)} of the rate";
            }
        }

        return null;
    }

    private static string? StepFault(JsonElement step, JsonElement facts, PretrainedModel model, ModelLearner learner, SafetensorsFile batches, double rate)
    {
        using var scope = NewDisposeScope();
        var (number, tolerance) = (step.GetProperty("step").GetInt32(), facts.GetProperty("tolerance"));
        var prefix = $"step{number:00}.";
        var micros = batches.Entries.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => prefix + k.Split('.')[1] + ".").Distinct().Order(StringComparer.Ordinal).ToList();
        var counted = micros.Sum(m => batches.Read(m + "labels").ne(-100).sum().item<long>());
        var isQuirk = facts.GetProperty("name").GetString()!.Contains("as_trainer", StringComparison.Ordinal);
        learner.BeginStep(number);
        var loss = micros.Sum(m => (double)ModelLearner.Accumulate(Loss(model, batches, m, Smoothing(facts), counted) * (model.Head != ModelHead.SequenceClassification || isQuirk ? 1 : 1.0 / micros.Count)));
        var norm = learner.Step(rate);
        return new Closeness(tolerance.GetProperty("loss").GetDouble(), 0).Fault($"the loss of step {number}", step.GetProperty("loss").GetDouble(), loss)
            ?? new Closeness(0, 1e-9).Fault($"the learning rate of step {number}", step.GetProperty("learning_rate").GetDouble(), rate)
            ?? new Closeness(0, tolerance.GetProperty("gradient_norm_relative").GetDouble()).Fault($"the gradient's norm at step {number}", step.GetProperty("gradient_norm").GetDouble(), norm);
    }

    /// <summary>The mean for a classifier of texts; for tokens the sum over the number of labels of the whole step.</summary>
    private static Tensor Loss(PretrainedModel model, SafetensorsFile batches, string prefix, double smoothing, long counted)
    {
        var labels = batches.Read(prefix + "labels");
        var logits = Logits(model, batches, prefix);
        return model.Head == ModelHead.SequenceClassification
            ? nn.functional.cross_entropy(logits, labels, label_smoothing: smoothing)
            : EncoderDecoderModel.Loss(logits, labels, smoothing, sum: true) / counted;
    }

    private static Tensor Logits(PretrainedModel model, SafetensorsFile batches, string prefix)
    {
        var (ids, mask) = (batches.Read(prefix + "input_ids"), Find("attention_mask"));
        return model is EncoderDecoderModel both
            ? both.Forward(ids, mask, both.ShiftRight(batches.Read(prefix + "labels")))
            : ((EncoderModel)model).Run(new PaddedBatch { Ids = ids, Mask = mask, Types = Find("token_type_ids"), TaskTypes = Find("task_type_ids") }).Logits!;

        Tensor? Find(string name) => batches.Entries.ContainsKey(prefix + name) ? batches.Read(prefix + name) : null;
    }

    private static string? Weights(JsonElement facts, SafetensorsFile values, PretrainedModel model, ModelLearner learner)
    {
        using var noGrad = no_grad();
        var tolerance = facts.GetProperty("tolerance");
        var norms = facts.GetProperty("final_norms");
        var parts = model.Weights.SelectMany(w => w.Split(w.Value)).ToList();
        var named = parts.Select(p => (Name: "final." + p.Name, Value: p.Rows)).Concat(learner.State).Where(p => values.Entries.ContainsKey(p.Name)).ToList();
        if (named.Count != values.Entries.Count(e => e.Key != "final_logits"))
        {
            return "the reference has tensors that are not here";
        }

        // A key's bias has a gradient of rounding noise, which Adam turns into steps.
        return named.Where(p => !IsNoise(p.Name)).Select(p => Difference(p.Name, values.Read(p.Name), p.Value)).FirstOrDefault(f => f is not null)
            ?? parts.Where(p => !IsNoise(p.Name)).Select(p => new Closeness(0, tolerance.GetProperty("final_norm_relative").GetDouble())
                .Fault($"the norm of {p.Name}", norms.GetProperty(p.Name).GetDouble(), p.Rows.to(ScalarType.Float64).norm().item<double>())).FirstOrDefault(f => f is not null);

        string? Difference(string name, Tensor expected, Tensor actual)
        {
            var difference = (expected - actual).abs();
            var (mean, max) = (difference.mean().item<float>(), difference.max().item<float>());
            return mean <= tolerance.GetProperty("final_mean").GetDouble() && max <= tolerance.GetProperty("final_max").GetDouble() ? null
                : FormattableString.Invariant($"{name} differs by {mean:G3} in the mean, by {max:G3} at most");
        }
    }

    private static string? FinalLogits(JsonElement facts, SafetensorsFile values, PretrainedModel model, SafetensorsFile batches)
    {
        using var noGrad = no_grad();
        var mask = batches.Read("step00.micro0.attention_mask");
        return new Closeness(facts.GetProperty("tolerance").GetProperty("final_logits").GetDouble(), 0)
            .Fault("final_logits", values.Read("final_logits"), Logits(model, batches, "step00.micro0."), model.Head == ModelHead.TokenClassification ? mask : null);
    }

    private static bool IsNoise(string name) => name.EndsWith("key.bias", StringComparison.Ordinal) || name.EndsWith("k_proj.bias", StringComparison.Ordinal);

    /// <summary>Only the description names the factor.</summary>
    private static double Smoothing(JsonElement facts) =>
        Epsilon().Match(facts.GetProperty("about").GetString()!) is { Success: true } match ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("epsilon ([0-9]+[.][0-9]+)")]
    private static partial Regex Epsilon();
}
