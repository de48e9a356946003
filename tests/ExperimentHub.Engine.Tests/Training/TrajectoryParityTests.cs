using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tests.Models;
using ExperimentHub.Engine.Training;
using ExperimentHub.Tests;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

/// <summary>Twelve steps as transformers' Trainer takes them: loss, gradient norm and weights, on the plain and on the fast path.</summary>
public sealed class TrajectoryParityTests
{
    [Theory]
    [InlineData("full", "all", 0.0)]
    [InlineData("head_only", "head", 0.0)]
    [InlineData("last_layer", "last_layers", 0.0)]
    [InlineData("label_smoothing", "all", 0.1)]
    [InlineData("accumulation", "all", 0.0)]
    public void Step_FollowsTheReference_OnBothPaths(string variant, string trainable, double smoothing)
    {
        foreach (var plain in (bool[])[true, false])
        {
            using var scope = NewDisposeScope();
            var facts = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(At($"{variant}.json")));
            var tolerance = facts.GetProperty("tolerance");
            using var batches = SafetensorsFile.Open(At(variant.StartsWith("accumulation", StringComparison.Ordinal) ? "batches_accumulation.safetensors" : "batches.safetensors"));
            var bert = ModelLoader.LoadClassifier(At("model"));
            var config = new RunConfig { Trainable = trainable, LastLayers = 1, LabelSmoothing = smoothing, WeightDecay = 0.01, MaxGradNorm = 1 };
            using var learner = new ClassifierLearner(bert, config, "fp32", plain);
            var schedule = new LearningRateSchedule("linear", 3, 12);

            foreach (var step in facts.GetProperty("steps").EnumerateArray())
            {
                var number = step.GetProperty("step").GetInt32();
                var micros = batches.Entries.Keys.Where(k => k.StartsWith($"step{number:00}.", StringComparison.Ordinal)).Select(k => k.Split('.')[1]).Distinct().Order().ToList();
                var loss = 0.0;
                foreach (var micro in micros)
                {
                    loss += learner.Accumulate(BertParityTests.Batch(batches, $"step{number:00}.{micro}."), batches.Read($"step{number:00}.{micro}.labels"), 1.0 / micros.Count);
                }

                var norm = learner.Step(1e-3 * schedule.Factor(number));

                Assert.Equal(step.GetProperty("loss").GetDouble(), loss, tolerance.GetProperty("loss").GetDouble());
                var expected = step.GetProperty("gradient_norm").GetDouble();
                Assert.Equal(expected, norm, expected * tolerance.GetProperty("gradient_norm_relative").GetDouble());
            }

            learner.BringUpToDate();
            AssertWeights(variant, bert, learner, tolerance);
        }
    }

    private static void AssertWeights(string variant, EncoderModel bert, ClassifierLearner learner, JsonElement tolerance)
    {
        using var noGrad = no_grad();
        using var reference = SafetensorsFile.Open(At($"{variant}.safetensors"));
        var compared = 0;
        foreach (var (name, actual) in bert.Weights.SelectMany(w => w.Split(learner.MasterOf(w))))
        {
            // Its gradient is rounding noise, which Adam turns into steps.
            if (!reference.Entries.ContainsKey("final." + name) || name.EndsWith("key.bias", StringComparison.Ordinal))
            {
                continue;
            }

            var difference = (reference.Read("final." + name) - actual).abs();
            Assert.True(difference.mean().item<float>() <= tolerance.GetProperty("final_mean").GetDouble(), $"{name}: mean {difference.mean().item<float>()}");
            Assert.True(difference.max().item<float>() <= tolerance.GetProperty("final_max").GetDouble(), $"{name}: max {difference.max().item<float>()}");
            compared++;
        }

        Assert.True(compared >= 2);
    }

    private static string At(string file) => Shared.Path("parity", "models", "train_bert_seqcls", file);
}
