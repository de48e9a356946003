using System.Text.Json.Nodes;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Checkpoints under other names than our own, and such as do not fit.</summary>
public sealed class ModelLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Load_FindsOldNames_BareNamesAndSixteenBits()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Classifier("bert");

        Rewrite(model, (name, value) => (Bare(name).Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), value.to(ScalarType.BFloat16)));
        using var again = ModelLoader.LoadClassifier(_folder.FullName);

        AssertSame(model, again, 0.01f);
    }

    [Fact]
    public void Load_TakesABaseModelUnderTheNamesOfATaskModel()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create("roberta", ModelHead.None);

        Rewrite(model, (name, value) => ("roberta." + name, value));
        using var again = ModelLoader.Load(_folder.FullName, ModelHead.None);

        AssertSame(model, again, 0);
    }

    [Fact]
    public void Load_OfADoubledHead_TiesIt_AndOfAnotherOneKeepsIt()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create("mt5", ModelHead.ConditionalGeneration);
        var words = model.WordEmbeddings.Value;

        Rewrite(model, (name, value) => (name, value), ("lm_head.weight", words.clone()));
        using var doubled = ModelLoader.Load(_folder.FullName);
        Rewrite(model, (name, value) => (name, value), ("lm_head.weight", words * 2));
        using var other = ModelLoader.Load(_folder.FullName);

        Assert.Equal(model.Weights.Count, doubled.Weights.Count);
        Assert.Equal(model.Weights.Count + 1, other.Weights.Count);
    }

    [Fact]
    public void Save_OfAHeadWithNumbersOfItsOwn_SaysThatItIsNotTied()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create("roberta", ModelHead.MaskedLanguageModel);
        Rewrite(model, (name, value) => (name, value), ("lm_head.decoder.weight", model.WordEmbeddings.Value * 2));
        using var untied = ModelLoader.Load(_folder.FullName);
        var saved = Directory.CreateDirectory(Path.Combine(_folder.FullName, "saved")).FullName;

        ModelSaver.Save(untied, saved, _folder.FullName);

        Assert.False((bool)JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "config.json")))!["tie_word_embeddings"]!);
        using var again = ModelLoader.Load(saved);
        Assert.Equal(untied.Weights.Count, again.Weights.Count);
    }

    [Fact]
    public void Load_OfAnErnieThatCallsItselfBert_AddsItsTasks()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Classifier("ernie");
        Rewrite(model, (name, value) => (name.Replace("ernie.", "bert.", StringComparison.Ordinal), value));
        var file = Path.Combine(_folder.FullName, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        (config["model_type"], config["architectures"]) = ("bert", new JsonArray("BertForSequenceClassification"));
        File.WriteAllText(file, config.ToJsonString());

        using var again = ModelLoader.Load(_folder.FullName);

        Assert.Equal(ModelHead.SequenceClassification, again.Head);
        AssertSame(model, again, 0);
    }

    [Theory]
    [InlineData("hidden_size", 48, "checkpoint.shape")]
    [InlineData("num_hidden_layers", 5, "checkpoint.missing_tensors")]
    [InlineData("vocab_size", 3_999_999, "checkpoint.shape")]
    public void Load_OfAConfigurationThatLies_SaysWhereBeforeItTakesMemory(string field, int value, string code)
    {
        using var model = TinyModels.Classifier("albert");
        using var bert = TinyModels.Classifier("bert");
        foreach (var (one, expected) in ((PretrainedModel, string)[])[(bert, code), (model, field == "num_hidden_layers" ? "" : code)])
        {
            ModelSaver.Save(one, _folder.FullName, _folder.FullName);
            var file = Path.Combine(_folder.FullName, "config.json");
            var config = JsonNode.Parse(File.ReadAllText(file))!;
            config[field] = value;
            File.WriteAllText(file, config.ToJsonString());
            if (expected.Length > 0)
            {
                Assert.Equal(expected, Assert.Throws<InputException>(() => ModelLoader.LoadClassifier(_folder.FullName)).Code);
            }
            else
            {
                using var deeper = ModelLoader.LoadClassifier(_folder.FullName);   // ALBERT's layers share their weights
                Assert.Equal(value, deeper.Config.Layers);
            }
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Bare(string name) => name.StartsWith("bert.", StringComparison.Ordinal) ? name["bert.".Length..] : name;

    /// <summary>Saves the model with other names and values.</summary>
    private void Rewrite(PretrainedModel model, Func<string, Tensor, (string Name, Tensor Value)> change, params (string Name, Tensor Value)[] more)
    {
        ModelSaver.Save(model, _folder.FullName, _folder.FullName);
        var parts = model.Weights.SelectMany(w => w.Split(w.Value)).Select(p => change(p.Name, p.Rows)).Concat(more);
        SafetensorsWriter.Write(Path.Combine(_folder.FullName, WeightFiles.SingleName), parts.Select(p => p.Value.ToPart(p.Name)));
    }

    private static void AssertSame(PretrainedModel expected, PretrainedModel actual, float relative)
    {
        using var noGrad = no_grad();
        Assert.Equal(expected.Weights.Count, actual.Weights.Count);
        foreach (var (one, other) in expected.Weights.Zip(actual.Weights))
        {
            Assert.True((one.Value - other.Value).abs().max().item<float>() <= relative * one.Value.abs().max().item<float>(), one.Parts[0].Name);
        }
    }
}
