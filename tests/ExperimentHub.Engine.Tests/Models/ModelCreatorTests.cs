using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Models;

public sealed class ModelCreatorTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Families => [.. FamilyPresets.All.Select(f => f.Type)];

    private string Store => Path.Combine(_directory.FullName, "store");

    [Fact]
    public async Task CreateAsync_MakesAModelOfTheDataSetsWords_TheSameForTheSameSeed()
    {
        var chosen = new ModelCreation { Dataset = await ImportRowsAsync(), Preset = "tiny", VocabularySize = 200, Name = "mine" };

        var info = await CreateAsync(chosen);
        var again = await CreateAsync(chosen);
        var other = await CreateAsync(chosen with { Seed = 1 });

        Assert.Equal(("from_scratch", 2, 128, "mine"), (info.Source, info.Layers, info.HiddenSize, info.Name));
        Assert.Equal(info.Hash, again.Hash);
        Assert.NotEqual(info.Hash, other.Hash);
        var tokenizer = Tokenizer.Load(FolderOf(info));
        Assert.DoesNotContain(tokenizer.Special.Unknown!.Value, tokenizer.Encode("some words again").Ids);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task CreateAsync_MakesAModelThatLoads_OfEachFamily(string type)
    {
        var family = FamilyPresets.Find(type);

        var info = await CreateAsync(new ModelCreation { Name = "m", Family = type, Preset = "tiny", Dataset = await ImportRowsAsync(), VocabularySize = 200 });

        var tokenizer = Tokenizer.Load(FolderOf(info));
        Assert.Equal((type, family.Kind, tokenizer.IdCount), (info.Architecture, info.Kind, info.VocabularySize));
        Assert.Empty(info.Warnings);
        Assert.Equal(family.Plan(family.Sizes[0], info.VocabularySize).Parameters, info.Parameters);
        Assert.Equal((family.Tokenizer.Roles.Pad, family.Tokenizer.Roles.End, family.Tokenizer.Roles.Mask), (tokenizer.Special.Pad, tokenizer.Special.End, tokenizer.Special.Mask));
        Assert.Equal(family.Sizes[0].MaxLength, info.MaxLength);
        using var model = ModelLoader.Load(FolderOf(info));
        Assert.Equal(info.Parameters, model.Weights.Sum(w => w.Elements) + model.AllWeights.Where(w => w.IsBuffer).Sum(w => w.Elements) - NewPooler(model));
    }

    [Fact]
    public async Task CreateAsync_TakesATrainedTokenizer_AndFramesATextAsTheFamilyDoes()
    {
        var dataset = await ImportRowsAsync();
        var order = new TokenizerOrder { Name = "t", Dataset = dataset, Kind = TokenizerTraining.WordPiece, VocabularySize = 150, Lowercase = true };
        var trained = await DatasetTokenizer.TrainAsync(order, Store, (_, _, _) => { }, TestContext.Current.CancellationToken);

        var info = await CreateAsync(new ModelCreation { Name = "m", Family = "electra", Preset = "tiny", Tokenizer = trained.Hash });
        var shared = await CreateAsync(new ModelCreation { Name = "m", Family = "distilbert", Preset = "tiny", Tokenizer = info.Hash });
        var roberta = await CreateAsync(new ModelCreation { Name = "m", Family = "roberta", Preset = "tiny", Dataset = dataset, VocabularySize = 300 });

        Assert.Equal(trained.VocabularySize, info.VocabularySize);
        Assert.Equal(trained.VocabularySize, shared.VocabularySize);
        var text = Tokenizer.Load(FolderOf(roberta)).Encode("some words", "again");
        Assert.Equal((0, 2, 2), (text.Ids[0], text.Ids[^1], text.Ids.Count(i => i == 2) - 1));
    }

    [Theory]
    [InlineData("bert", TokenizerTraining.ByteLevelBpe, "model.tokenizer_frame")]
    [InlineData("bert", TokenizerTraining.Unigram, "model.tokenizer_frame")]
    [InlineData("llama", TokenizerTraining.WordPiece, "model.tokenizer_end")]
    public async Task CreateAsync_RefusesATokenizer_ThatLacksWhatTheFamilyNeeds(string family, string kind, string code)
    {
        var order = new TokenizerOrder { Name = "t", Dataset = await ImportRowsAsync(), Kind = kind, VocabularySize = 300 };
        var trained = await DatasetTokenizer.TrainAsync(order, Store, (_, _, _) => { }, TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<InputException>(() => CreateAsync(new ModelCreation { Name = "m", Family = family, Preset = "tiny", Tokenizer = trained.Hash }));

        Assert.Equal(code, fault.Code);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Store, "models")));
    }

    [Fact]
    public void Plan_WritesARealNumberAsOne()
    {
        var t5 = FamilyPresets.Find("t5");

        var json = t5.Plan(t5.Size("tiny"), 300).ConfigJson;

        Assert.Equal(("1.0", "128"), (json["initializer_factor"]!.ToJsonString(), json["relative_attention_max_distance"]!.ToJsonString()));
    }

    [Fact]
    public void Presets_AreOfTheSizesThatTheyAreKnownBy()
    {
        Assert.InRange(Parameters("bert", 30_522), 109_000_000, 110_000_000);
        Assert.InRange(Parameters("gpt2", 50_257), 124_000_000, 125_000_000);
        Assert.InRange(Parameters("albert", 30_000), 11_000_000, 12_000_000);
        Assert.InRange(Parameters("modernbert", 50_368), 148_000_000, 150_000_000);
        Assert.InRange(Parameters("t5", 32_128), 247_000_000, 249_000_000);
        Assert.InRange(Parameters("bart", 50_265), 139_000_000, 140_000_000);

        static long Parameters(string type, int vocabulary) => FamilyPresets.Find(type).Plan(FamilyPresets.Find(type).Size("base"), vocabulary).Parameters;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>A pooler that the checkpoint leaves out, since only the bare body has one.</summary>
    private static long NewPooler(PretrainedModel model) =>
        model.Config.Family == "roberta" ? model.Weights.Where(w => w.Parts[0].Name.StartsWith("pooler", StringComparison.Ordinal)).Sum(w => w.Elements) : 0;

    private string FolderOf(ModelInfo info) => Path.Combine(Store, "models", info.Hash);

    private Task<ModelInfo> CreateAsync(ModelCreation creation) => ModelCreator.CreateAsync(creation, Store, cancellation: TestContext.Current.CancellationToken);

    private async Task<string> ImportRowsAsync()
    {
        var file = Path.Combine(_directory.FullName, "t.csv");
        File.WriteAllText(file, "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"some words again and again number {i},{i % 2}\n")));
        return (await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "t.csv" }, Store)).Hash;
    }
}
