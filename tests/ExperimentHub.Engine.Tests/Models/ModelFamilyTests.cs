using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Identities that hold for every family, without values of a reference.</summary>
public sealed class ModelFamilyTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [MemberData(nameof(TinyModels.Encoders), MemberType = typeof(TinyModels))]
    public void Logits_OfARow_DependNeitherOnPaddingNorOnItsNeighbours(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Classifier(family);

        var together = model.Forward(TinyModels.Batch(model, TinyModels.Rows));

        var turned = model.Forward(TinyModels.Batch(model, [.. TinyModels.Rows.Reverse()]));
        for (var row = 0; row < TinyModels.Rows.Length; row++)
        {
            var alone = model.Forward(TinyModels.Batch(model, TinyModels.Rows[row]))[0];
            Assert.True(Difference(alone, together[row]) < Tolerance, $"row {row} alone");
            Assert.True(Difference(turned[TinyModels.Rows.Length - 1 - row], together[row]) < Tolerance, $"row {row} in another order");
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Encoders), MemberType = typeof(TinyModels))]
    public void Gradient_IsTheSlopeOfTheLoss(string family)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Classifier(family);
        using var batch = TinyModels.Batch(model, TinyModels.Rows);

        CheckSlope(model, () => nn.functional.cross_entropy(model.Forward(batch), tensor([0L, 1L, 1L])));
    }

    [Theory]
    [MemberData(nameof(TinyModels.EncoderDecoders), MemberType = typeof(TinyModels))]
    public void Gradient_IsTheSlopeOfTheLossOfWriting(string family)
    {
        using var scope = NewDisposeScope();
        using var model = Writer(family);
        var (ids, mask, labels) = (TinyModels.Padded(model.Config.PadTokenId, TinyModels.Rows), Mask(), TinyModels.Padded(-100, [5, 6, 7], [8, 9], [10, 11, 12, 13]));

        CheckSlope(model, () => EncoderDecoderModel.Loss(model.Forward(ids, mask, model.ShiftRight(labels)), labels));
    }

    [Theory]
    [MemberData(nameof(TinyModels.EncoderDecoders), MemberType = typeof(TinyModels))]
    public void Writing_SeesNoLaterWordAndNoPadding(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = Writer(family);
        var ids = TinyModels.Padded(model.Config.PadTokenId, TinyModels.Rows);

        var whole = model.Forward(ids, Mask(), TinyModels.Padded(0, [0, 21, 22, 23], [0, 24, 25, 26], [0, 27, 28, 29]));

        var beginning = model.Forward(ids, Mask(), TinyModels.Padded(0, [0, 21, 40, 41], [0, 24, 42, 43], [0, 27, 44, 45]));
        Assert.True(Difference(whole.narrow(1, 0, 2), beginning.narrow(1, 0, 2)) < Tolerance);
        Assert.True(Difference(whole, beginning) > 100 * Tolerance);
        var alone = model.Forward(tensor(TinyModels.Rows[1]).view(1, -1), null, TinyModels.Padded(0, [0L, 24, 25, 26]));
        Assert.True(Difference(whole[1], alone[0]) < Tolerance);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Encoders), MemberType = typeof(TinyModels))]
    public void Save_LoadsWithTheSameLogits_AndIsSavedWithTheSameBytes(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folders = new TemporaryFolders();
        using var model = TinyModels.Classifier(family);

        ModelSaver.Save(model, folders.First, folders.First);
        using var again = ModelLoader.LoadClassifier(folders.First);
        ModelSaver.Save(again, folders.Second, folders.First);

        Assert.Equal(0, Difference(model.Forward(TinyModels.Batch(model, TinyModels.Rows)), again.Forward(TinyModels.Batch(model, TinyModels.Rows))));
        folders.AssertSame();
        var info = ModelFolder.Inspect(folders.First);
        Assert.Equal((family, model.Weights.Sum(w => w.Elements)), (info.Architecture, info.Parameters));
        Assert.Equal(["sequence_classification"], info.Heads);
        Assert.Equal(["no", "yes"], info.Labels);
        Assert.Empty(info.Warnings);
    }

    [Theory]
    [InlineData("bert", ModelHead.MaskedLanguageModel)]
    [InlineData("roberta", ModelHead.MaskedLanguageModel)]
    [InlineData("electra", ModelHead.ReplacedTokens)]
    [InlineData("albert", ModelHead.TokenClassification)]
    [InlineData("distilbert", ModelHead.QuestionAnswering)]
    [InlineData("modernbert", ModelHead.MaskedLanguageModel)]
    [InlineData("t5", ModelHead.ConditionalGeneration)]
    [InlineData("mt5", ModelHead.ConditionalGeneration)]
    [InlineData("bart", ModelHead.ConditionalGeneration)]
    internal void Save_OfAnyHead_IsSavedWithTheSameBytesAgain(string family, ModelHead head)
    {
        using var folders = new TemporaryFolders();
        using var model = TinyModels.Create(family, head);

        ModelSaver.Save(model, folders.First, folders.First);
        using var again = ModelLoader.Load(folders.First);
        ModelSaver.Save(again, folders.Second, folders.First);

        Assert.Equal(head, again.Head);
        folders.AssertSame();
    }

    [Fact]
    public void Load_WithoutAHeadForTheseClasses_MakesANewOneAndKeepsTheBody()
    {
        using var folders = new TemporaryFolders();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Create("roberta", ModelHead.MaskedLanguageModel);
        ModelSaver.Save(model, folders.First, folders.First);

        using var classifier = ModelLoader.LoadClassifier(folders.First, ["a", "b", "c"]);

        Assert.Equal(3, classifier.Forward(TinyModels.Batch(classifier, TinyModels.Rows)).shape[1]);
        Assert.Equal(0, Difference(model.WordEmbeddings.Value, classifier.WordEmbeddings.Value));
        Assert.Contains(classifier.Weights.Single(w => w.Parts[0].Name == "classifier.out_proj.weight").Value.data<float>().ToArray(), v => v != 0);
    }

    [Fact]
    public void LoadClassifier_OfAModelThatIsNoEncoder_SaysSo()
    {
        using var folders = new TemporaryFolders();
        using var model = TinyModels.Create("t5", ModelHead.ConditionalGeneration);
        ModelSaver.Save(model, folders.First, folders.First);

        var fault = Assert.Throws<InputException>(() => ModelLoader.LoadClassifier(folders.First));

        Assert.Equal("model.no_encoder", fault.Code);
        Assert.Empty(ModelFolder.Inspect(folders.First).Heads);
    }

    [Fact]
    public void Config_KeepsWhatNobodyReads()
    {
        using var folders = new TemporaryFolders();
        File.WriteAllText(Path.Combine(folders.First, "config.json"), """{"model_type": "bert", "vocab_size": 30, "made_up": {"a": [1, 2.5]}, "dtype": "bfloat16", "pruned_heads": {}}""");

        (ModelConfig.Read(folders.First) with { Labels = ["x"] }).Write(folders.Second);

        var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folders.Second, "config.json"))).RootElement;
        Assert.Equal("""{"a":[1,2.5]}""", json.GetProperty("made_up").GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(("float32", "x"), (json.GetProperty("dtype").GetString(), json.GetProperty("id2label").GetProperty("0").GetString()));
        Assert.False(json.TryGetProperty("torch_dtype", out _));
    }

    private static EncoderDecoderModel Writer(string family) => (EncoderDecoderModel)TinyModels.Create(family, ModelHead.ConditionalGeneration);

    private static Tensor Mask() => TinyModels.Padded(0, [.. TinyModels.Rows.Select(r => r.Select(_ => 1L).ToArray())]);

    private static float Difference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();

    /// <summary>The loss changes along a random direction as the gradient says, for each weight by itself.</summary>
    private static void CheckSlope(PretrainedModel model, Func<Tensor> loss)
    {
        const double Step = 1e-2;
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        loss().backward();
        using var noGrad = no_grad();
        foreach (var weight in model.Weights.Where(w => !w.Parts.Any(p => p.Name.EndsWith("word_embeddings.weight", StringComparison.Ordinal))))
        {
            using var scope = NewDisposeScope();
            var direction = weight.Value.grad! / (weight.Value.grad!.norm() + 1e-12);
            var expected = weight.Value.grad!.norm().item<float>();
            weight.Value.add_(direction, Step);
            var above = loss().item<float>();
            weight.Value.add_(direction, -2 * Step);
            var below = loss().item<float>();
            weight.Value.add_(direction, Step);
            Assert.True(Math.Abs(((above - below) / (2 * Step)) - expected) <= 2e-3 + (0.02 * expected), $"{weight.Parts[0].Name}: {(above - below) / (2 * Step)} instead of {expected}");
        }
    }

    private sealed class TemporaryFolders : IDisposable
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("experimenthub-");

        public string First => _root.CreateSubdirectory("first").FullName;

        public string Second => _root.CreateSubdirectory("second").FullName;

        public void AssertSame()
        {
            foreach (var file in (string[])["config.json", "model.safetensors"])
            {
                Assert.Equal(ContentHash.OfFile(Path.Combine(First, file)), ContentHash.OfFile(Path.Combine(Second, file)));
            }
        }

        public void Dispose() => _root.Delete(recursive: true);
    }
}
