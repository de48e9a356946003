using System.IO.Compression;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Models;
using ExperimentHub.Tests;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Adapters;

public sealed class AdapterImporterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    private string Store => Path.Combine(_directory.FullName, "store");

    [Fact]
    public void Import_TakesAZip_AndFindsTheBaseThatItFits()
    {
        var (bert, gpt2) = (ImportModel("bert"), ImportModel("gpt2"));
        var zip = Path.Combine(_directory.FullName, "lora.zip");
        ZipFile.CreateFromDirectory(Folder("bert", "lora"), zip, CompressionLevel.Fastest, includeBaseDirectory: true);

        var info = AdapterImporter.Import(new AdapterImport { Path = zip, Name = "mine", Choices = [new(gpt2, "gpt2"), new(bert, "bert")] }, Store);
        var fromFolder = AdapterImporter.Import(new AdapterImport { Path = Folder("bert", "lora"), Base = bert }, Store);

        Assert.Equal((bert, "LORA", 4, "mine", true), (info.Base, info.Method, info.Rank, info.Name, info.CanMerge));
        Assert.Equal(["query", "value"], info.Targets);
        Assert.True(info.Parameters > 0 && info.Bytes > 0 && info.Modules > 0);
        Assert.Equal(info.Hash, fromFolder.Hash);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(Path.Combine(Store, "adapters", info.Hash)).Select(f => Path.GetFileName(f)!).Order());
        Assert.Single(Directory.GetDirectories(Path.Combine(Store, "adapters")));
    }

    [Fact]
    public void Import_RefusesAWrongBase_AndAsksWhereSeveralFit()
    {
        var (bert, gpt2) = (ImportModel("bert"), ImportModel("gpt2"));
        var twin = new AdapterBaseChoice(bert, "one");
        var other = ModelStore.Add(Store, "two", "import", target =>
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Store, "models", bert)).Where(f => Path.GetFileName(f) != ModelInfo.FileName))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            }

            File.WriteAllText(Path.Combine(target, "LICENSE"), "another");
        });

        Assert.Equal("adapter.tensor", Fault(new AdapterImport { Path = Folder("bert", "lora"), Base = gpt2 }).Code);
        Assert.Equal("adapter.no_base", Fault(new AdapterImport { Path = Folder("bert", "lora"), Choices = [new(gpt2, "gpt2")] }).Code);
        Assert.Equal("adapter.several_bases", Fault(new AdapterImport { Path = Folder("bert", "lora"), Choices = [twin, new(other.Hash, "two")] }).Code);
        Assert.Equal(other.Hash, AdapterImporter.Import(new AdapterImport { Path = Folder("bert", "lora"), Choices = [twin, new(other.Hash, "acme/MODEL")] }, Store).Base);   // as its file says: ../../model
        Assert.Single(Directory.GetDirectories(Path.Combine(Store, "adapters")));
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("dora")]
    [InlineData("ia3")]
    [InlineData("lora-modules-to-save")]
    public void Merge_GivesAModelThatComputesAsBaseAndAdapter(string method)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var bert = ImportModel("bert");
        var info = AdapterImporter.Import(new AdapterImport { Path = Folder("bert", method), Base = bert }, Store);

        var merged = AdapterMerger.Merge(new AdapterMerge { Name = "both", Adapter = info.Hash, Base = bert }, Store);

        Assert.Equal(("merge", "both", "bert"), (merged.Source, merged.Name, merged.Architecture));
        using var model = ModelLoader.LoadClassifier(Path.Combine(Store, "models", bert));
        using var stack = new AdapterStack(model);
        stack.Add("one", Adapter.Open(Folder("bert", method)));
        stack.Activate("one");
        using var alone = ModelLoader.LoadClassifier(Path.Combine(Store, "models", merged.Hash));
        var batch = new PaddedBatch { Ids = tensor(new long[,] { { 2, 7, 8, 9, 3 } }) };
        Assert.True(model.Forward(batch).equal(alone.Forward(batch)).all().item<bool>());
    }

    [Fact]
    public void Merge_RefusesAPrompt()
    {
        var bert = ImportModel("bert");
        var info = AdapterImporter.Import(new AdapterImport { Path = Folder("bert", "prompt-tuning"), Base = bert }, Store);

        Assert.False(info.CanMerge);
        Assert.Equal("adapter.no_merge", Assert.Throws<InputException>(() => AdapterMerger.Merge(new AdapterMerge { Name = "m", Adapter = info.Hash, Base = bert }, Store)).Code);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Folder(string family, string method) => Shared.Path("parity", "peft", family, method, "adapter");

    private string ImportModel(string family) =>
        ModelImporter.Import(new ModelImport { From = ModelImport.FromFolder, Path = Shared.Path("parity", "peft", family, "model") }, Store).Hash;

    private InputException Fault(AdapterImport import) => Assert.Throws<InputException>(() => AdapterImporter.Import(import, Store));
}
