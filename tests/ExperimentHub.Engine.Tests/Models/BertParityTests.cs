using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Tests;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Against values that Hugging Face's transformers computed.</summary>
public sealed class BertParityTests
{
    [Theory]
    [InlineData("bert_base")]
    [InlineData("bert_seqcls")]
    [InlineData("bert_sharded")]
    [InlineData("bert_fp16")]
    [InlineData("bert_bf16")]
    [InlineData("bert_old_names_bare")]
    public void Forward_GivesTheReferencesStatesAndLogits(string name)
    {
        using var scope = NewDisposeScope();
        var (reference, tolerance) = Reference(name);
        using var bert = ModelLoader.LoadClassifier(Shared.Path("parity", "models", name, "model"));
        var batch = Batch(reference);
        using var noGrad = no_grad();

        using var trace = new ForwardTrace();
        var output = bert.Run(batch, trace: trace);
        for (var i = 0; i < trace.HiddenStates.Count; i++)
        {
            AssertStates(reference, i, trace.HiddenStates[i], batch, tolerance);
        }

        if (reference.Entries.ContainsKey("output.pooler_output"))
        {
            AssertClose(reference.Read("output.pooler_output"), output.Pooled!, tolerance, "pooler_output");
        }

        if (reference.Entries.ContainsKey("output.logits"))
        {
            AssertClose(reference.Read("output.logits"), bert.Forward(batch), tolerance, "logits");
        }
    }

    [Fact]
    public void Backward_GivesTheReferencesGradients()
    {
        using var scope = NewDisposeScope();
        var (reference, tolerance) = Reference("bert_seqcls");
        using var bert = ModelLoader.LoadClassifier(Shared.Path("parity", "models", "bert_seqcls", "model"));
        foreach (var weight in bert.Weights)
        {
            weight.Learns = true;
        }

        var loss = nn.functional.cross_entropy(bert.Forward(Batch(reference)), reference.Read("input.labels"));
        loss.backward();

        var facts = Facts("bert_seqcls");
        Assert.Equal(facts.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-5);
        var norms = facts.GetProperty("gradient").GetProperty("norms");
        using var noGrad = no_grad();
        foreach (var (part, gradient) in bert.Weights.SelectMany(w => w.Split(w.Value.grad!)))
        {
            var expected = norms.GetProperty(part).GetDouble();
            Assert.Equal(expected, gradient.norm().item<float>(), 1e-6 + (2e-4 * expected));
            if (reference.Entries.ContainsKey("gradient." + part))
            {
                AssertClose(reference.Read("gradient." + part), gradient, tolerance, part);
            }
        }
    }

    [Fact]
    public void Save_WritesWhatLoads_WithTheSameBytesAgain()
    {
        using var scope = NewDisposeScope();
        var first = Directory.CreateTempSubdirectory("experimenthub-");
        var second = Directory.CreateTempSubdirectory("experimenthub-");
        try
        {
            var origin = Shared.Path("data", "models", "all-MiniLM-L6-v2");
            random.manual_seed(1);
            using var bert = ModelLoader.LoadClassifier(origin, ["no", "yes"]);
            ModelSaver.Save(bert, first.FullName, origin);
            using var again = ModelLoader.LoadClassifier(first.FullName);
            ModelSaver.Save(again, second.FullName, first.FullName);

            Assert.Equal(["no", "yes"], again.Labels);
            Assert.True(File.Exists(Path.Combine(second.FullName, "tokenizer.json")));
            Assert.Equal(ContentHash.OfFile(Path.Combine(first.FullName, "model.safetensors")), ContentHash.OfFile(Path.Combine(second.FullName, "model.safetensors")));
            Assert.Equal(["sequence_classification"], ModelFolder.Inspect(second.FullName).Heads);
        }
        finally
        {
            first.Delete(recursive: true);
            second.Delete(recursive: true);
        }
    }

    [Fact]
    public void Inspect_CountsMiniLmByModules()
    {
        var info = ModelFolder.Inspect(Shared.Path("data", "models", "all-MiniLM-L6-v2"));

        Assert.Equal(22_713_216, info.Parameters);
        Assert.Equal("F16", info.Dtype);
        Assert.Empty(info.Heads);
        Assert.Equal(info.Parameters, info.Modules.Children.Sum(c => c.Parameters));
        Assert.All(info.Modules.Children, c => Assert.Equal([info.Dtype], c.Dtypes));
        Assert.Equal(6, info.Modules.Children[0].Children.Single(c => c.Name == "encoder").Children[0].Children.Count);
    }

    internal static PaddedBatch Batch(SafetensorsFile file, string prefix = "input.") => new()
    {
        Ids = file.Read(prefix + "input_ids"),
        Types = file.Entries.ContainsKey(prefix + "token_type_ids") ? file.Read(prefix + "token_type_ids") : null,
        Mask = file.Entries.ContainsKey(prefix + "attention_mask") ? file.Read(prefix + "attention_mask") : null,
    };

    private static JsonElement Facts(string name) =>
        JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Shared.Path("parity", "models", name, "reference.json")));

    private static (SafetensorsFile File, (double Absolute, double Relative) Tolerance) Reference(string name)
    {
        var tolerance = Facts(name).GetProperty("tolerance");
        return (SafetensorsFile.Open(Shared.Path("parity", "models", name, "reference.safetensors")), (tolerance.GetProperty("atol").GetDouble(), tolerance.GetProperty("rtol").GetDouble()));
    }

    private static void AssertStates(SafetensorsFile reference, int index, Tensor actual, PaddedBatch batch, (double, double) tolerance)
    {
        var name = $"output.hidden_states.{index}";
        if (!reference.Entries.ContainsKey(name))
        {
            return;
        }

        // At padding the values are each implementation's own.
        var real = batch.Mask?.unsqueeze(-1).to(ScalarType.Float32) ?? ones(1);
        AssertClose(reference.Read(name) * real, actual * real, tolerance, name);
    }

    private static void AssertClose(Tensor expected, Tensor actual, (double Absolute, double Relative) tolerance, string what)
    {
        var excess = ((expected - actual).abs() - (expected.abs() * tolerance.Relative)).max().item<float>();
        Assert.True(excess <= tolerance.Absolute, $"{what}: off by {excess} beyond the relative tolerance");
    }
}
