using System.IO.Compression;
using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Sentences;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Models;

public sealed class ModelImporterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    private string Store => Path.Combine(_directory.FullName, "store");

    [Fact]
    public async Task Import_GivesTheSameModel_FromAFolderAndFromAZipOfIt()
    {
        var made = await ModelCreator.CreateAsync(new ModelCreation { Name = "m", Dataset = await ImportRowsAsync(), VocabularySize = 150 }, Store);
        var folder = Path.Combine(Store, "models", made.Hash);
        var zip = Path.Combine(_directory.FullName, "m.zip");
        ZipFile.CreateFromDirectory(folder, zip, CompressionLevel.Fastest, includeBaseDirectory: true);
        var elsewhere = Path.Combine(_directory.FullName, "elsewhere");

        var fromFolder = ModelImporter.Import(new ModelImport { From = "folder", Path = folder }, elsewhere);
        var fromZip = ModelImporter.Import(new ModelImport { From = ModelImport.FromArchive, Path = zip, Name = "again" }, elsewhere);

        Assert.Equal(made.Hash, fromFolder.Hash);
        Assert.Equal(made.Hash, fromZip.Hash);
        Assert.Single(Directory.GetDirectories(Path.Combine(elsewhere, "models")));
        Assert.True(File.Exists(Path.Combine(elsewhere, "models", made.Hash, ModelInfo.FileName)));
    }

    [Fact]
    public void Import_TakesAZipFromAMac()
    {
        var info = ModelImporter.Import(new ModelImport { From = ModelImport.FromArchive, Path = Shared.Path("hostile/archive/control-model.zip"), FileName = "model.zip" }, Store);

        Assert.Equal("bert", info.Architecture);
        Assert.Equal("model", info.Name);
    }

    [Fact]
    public async Task Import_KeepsHowSentencesArePooled_AndNothingElseOfOtherFolders()
    {
        var made = await ModelCreator.CreateAsync(new ModelCreation { Name = "m", Dataset = await ImportRowsAsync(), VocabularySize = 150 }, Store);
        var folder = Path.Combine(_directory.FullName, "sentences");
        Directory.Move(Path.Combine(Store, "models", made.Hash), folder);
        Write("modules.json", """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        Write("1_Pooling/config.json", """{"word_embedding_dimension":128,"pooling_mode_cls_token":true}""");
        Write("1_Pooling/notes.txt", "not needed");
        Write("onnx/config.json", "{}");
        var zip = Path.Combine(_directory.FullName, "s.zip");
        ZipFile.CreateFromDirectory(folder, zip, CompressionLevel.Fastest, includeBaseDirectory: true);

        var fromFolder = ModelImporter.Import(new ModelImport { From = "folder", Path = folder }, Store);
        var fromZip = ModelImporter.Import(new ModelImport { From = ModelImport.FromArchive, Path = zip }, Path.Combine(_directory.FullName, "elsewhere"));

        Assert.Equal(fromFolder.Hash, fromZip.Hash);
        var stored = Path.Combine(Store, "models", fromFolder.Hash);
        Assert.Equal(["cls"], SentenceModules.Read(stored).Pooling.Modes);
        Assert.Equal(["config.json"], Directory.GetFiles(Path.Combine(stored, "1_Pooling")).Select(Path.GetFileName));
        Assert.Equal(["1_Pooling"], Directory.GetDirectories(stored).Select(Path.GetFileName));

        void Write(string name, string content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), content);
        }
    }

    [Fact]
    public void Import_LeavesNothing_WhenTheFolderIsNoModel()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "config.json"), JsonSerializer.Serialize(new { model_type = "rwkv" }));

        var fault = Assert.Throws<InputException>(() => ModelImporter.Import(new ModelImport { From = "folder", Path = _directory.FullName }, Store));

        Assert.Contains("rwkv", fault.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Store, "models")));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string> ImportRowsAsync()
    {
        var file = Path.Combine(_directory.FullName, "t.csv");
        File.WriteAllText(file, "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"some words again and again number {i},{i % 2}\n")));
        return (await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "t.csv" }, Store)).Hash;
    }
}
