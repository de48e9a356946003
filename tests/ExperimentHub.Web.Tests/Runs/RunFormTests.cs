using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Web.Runs.Form;

namespace ExperimentHub.Web.Tests.Runs;

public sealed class RunFormTests
{
    private static readonly ModelInfo s_miniLm = new()
    {
        Architecture = "bert",
        HiddenSize = 384,
        Layers = 6,
        AttentionHeads = 12,
        IntermediateSize = 1536,
        MaxLength = 512,
        VocabularySize = 30522,
        Modules = new ModelModule("bert", 22_713_216),
    };

    [Theory]
    [InlineData("all", 22_713_986)]
    [InlineData("head", 770)]
    [InlineData("last_layers", 3_697_538)]
    public void Estimate_CountsTheWeightsThatLearn(string trainable, long expected)
    {
        var estimate = RunEstimate.Of(new RunConfig { Trainable = trainable, LastLayers = 2 }, s_miniLm, 4096, 2);

        Assert.Equal(expected, estimate!.Trainable);
        Assert.Equal(22_713_216 + 770, estimate.Parameters);
    }

    [Theory]
    [InlineData(4096, 32, 1, 1, 0, 0, 128)]
    [InlineData(4097, 32, 1, 1, 0, 0, 129)]
    [InlineData(4096, 32, 4, 2, 0, 0, 64)]
    [InlineData(4096, 32, 1, 0.5, 0, 0, 64)]
    [InlineData(4096, 32, 1, 3, 50, 0, 50)]
    [InlineData(4096, 32, 1, 1, 0, 100, 4)]
    public void Estimate_CountsSteps(long rows, int batch, int accumulate, double epochs, int maxSteps, int maxRows, long expected)
    {
        var config = new RunConfig { BatchSize = batch, GradientAccumulationSteps = accumulate, Epochs = epochs, MaxSteps = maxSteps, MaxTrainRows = maxRows };

        Assert.Equal(expected, RunEstimate.Of(config, s_miniLm, rows, 2)!.Steps);
    }

    [Fact]
    public void Memory_GrowsWithWhatLearns_AndWithTheBatch()
    {
        long Of(RunConfig config, int longest = 128) => MemoryEstimate.Bytes(config, s_miniLm, RunEstimate.Of(config, s_miniLm, 4096, 2)!, longest) - MemoryEstimate.Program;

        // 22 713 986 weights of 4 bytes, and 12 more bytes for each that learns; then six layers of 66·B·T·C + 9·B·H·T².
        var batch = 6 * ((66L * 32 * 128 * 384) + (9L * 32 * 12 * 128 * 128));
        Assert.Equal((16L * 22_713_986) + batch, Of(new RunConfig()));
        Assert.Equal((4L * 22_713_986) + (12 * 3_697_538) + (batch / 3), Of(new RunConfig { Trainable = "last_layers", LastLayers = 2 }));
        Assert.True(Of(new RunConfig { Trainable = "head" }) < Of(new RunConfig { Trainable = "last_layers" }));
        Assert.True(Of(new RunConfig { BatchSize = 64 }) > Of(new RunConfig()));
        Assert.Equal(Of(new RunConfig(), 20), Of(new RunConfig { MaxLength = 20 }));   // shorter rows than the limit need no more
    }

    [Theory]
    [InlineData(128, 0.4, 256)]
    [InlineData(256, 0.01, 256)]
    [InlineData(512, 0, 256)]
    public void TokenSample_SaysWhatIsCut_AndWhatWouldDo(int maxLength, double cut, int suggestion)
    {
        var sample = new TokenSample([.. Enumerable.Repeat(20, 60), .. Enumerable.Repeat(200, 39), 300]);

        Assert.Equal(cut, sample.ShareAbove(maxLength));
        Assert.Equal(suggestion, sample.Suggest(512));
        Assert.Equal(100, sample.Suggest(100));
    }

    [Fact]
    public void Draft_NamesWhatItDoesNotKnow()
    {
        var unknown = new RunDraft().Read(JsonNode.Parse("""{"name":"a","task":"sequence_classification","epochs":2,"learning_rte":1,"x":{}}""")!.AsObject());

        Assert.Equal(["learning_rte", "x"], unknown);
    }

    [Fact]
    public void Draft_KeepsWhatWasTyped_AndWritesNumbersAsNumbers()
    {
        var draft = new RunDraft { Name = "a", Model = "1", Dataset = "2@1" };

        draft.Set("learning_rate", "3e−5");
        draft.Set("batch_size", "1 024");
        draft.Set("epochs", "many");

        var json = draft.ToJson();
        Assert.Equal(3e-5, json["learning_rate"]!.GetValue<double>());
        Assert.Equal(1024, json["batch_size"]!.GetValue<long>());
        Assert.Equal("many", json["epochs"]!.GetValue<string>());
        Assert.Equal("many", draft.Text(Setting.Find("epochs")!));
    }

    [Fact]
    public void Draft_ComesBackFromItsJson()
    {
        var draft = new RunDraft { Name = "a", Model = "1", Dataset = "2@1", LabelColumn = "sentiment" };
        draft.Set("trainable", "head");
        draft.Set("group_by_length", "false");

        var again = new RunDraft();
        again.Read(JsonNode.Parse(draft.ToJson().ToJsonString())!.AsObject());

        Assert.True(JsonNode.DeepEquals(draft.ToJson(), again.ToJson()));
        Assert.Equal(["group_by_length", "trainable"], again.Changed.Select(s => s.Name).Order());
    }

    [Fact]
    public void Presets_AreRecognisedAndValid()
    {
        foreach (var preset in RunPreset.All)
        {
            var draft = new RunDraft { Name = "a", Model = new string('a', 64), Dataset = new string('b', 64) };
            preset.Apply(draft);
            var (config, faults) = RunConfigValidator.Read(draft.ToJson());

            Assert.Empty(faults);
            Assert.Empty(RunConfigValidator.Validate(config));
            Assert.Equal(preset, RunPreset.All.First(p => p.Fits(draft)));
        }
    }

    [Theory]
    [InlineData("decoder", true)]
    [InlineData("encoder_decoder", true)]
    [InlineData("encoder", false)]
    [InlineData(null, false)]
    public void Validate_RefusesAModelThatWrites_AtItsField(string? kind, bool refused)
    {
        var config = new RunConfig { Name = "run", Model = new string('a', 64), Dataset = new string('b', 64) };

        var faults = RunConfigValidator.Validate(config, new RunFacts { ModelKind = kind });

        Assert.Equal(refused ? [("model", "run.model_kind")] : [], faults.Select(f => (f.Field, f.Code)));
    }
}
