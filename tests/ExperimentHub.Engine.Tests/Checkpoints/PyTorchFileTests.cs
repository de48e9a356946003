using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Checkpoints;

/// <summary>Checkpoints that PyTorch itself saved, held against what the same models are as safetensors or compute.</summary>
public sealed class PyTorchFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Open_GivesTheTensorsOfTheSafetensorsFile_FromTheFormatBefore16()
    {
        var folder = Shared.Path("hostile", "base", "encoder");
        using (var packed = new System.IO.Compression.GZipStream(File.OpenRead(Shared.Path("hostile", "pytorch_bin", "control-legacy.bin")), System.IO.Compression.CompressionMode.Decompress))
        using (var plain = File.Create(Path.Combine(_directory.FullName, WeightFiles.PickleName)))
        {
            packed.CopyTo(plain);
        }

        using var expected = WeightFiles.Open(folder);
        using var actual = WeightFiles.Open(_directory.FullName);

        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData("bert_bin")]
    [InlineData("bert_bin_views")]
    public void Import_LeavesSafetensorsOnly_WithTheSameTensors(string name)
    {
        var folder = Shared.Path("parity", "models", name, "model");

        var info = ModelImporter.Import(new ModelImport { From = ModelImport.FromFolder, Path = folder }, _directory.FullName);

        var stored = Path.Combine(_directory.FullName, "models", info.Hash);
        Assert.Empty(Directory.EnumerateFiles(stored, "*.bin*"));
        using var expected = WeightFiles.Open(folder);
        using var actual = WeightFiles.Open(stored);
        Assert.Equal(WeightFiles.PickleName, expected.Label);
        Assert.Equal(WeightFiles.SingleName, actual.Label);
        AssertSame(expected, actual);
    }

    [Fact]
    public void Import_TakesSafetensors_WhereAFolderHasBoth()
    {
        var folder = Shared.Path("hostile", "base", "encoder");
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            using var source = File.OpenRead(file);
            using var copy = File.Create(Path.Combine(Directory.CreateDirectory(Path.Combine(_directory.FullName, "both")).FullName, Path.GetFileName(file)));
            source.CopyTo(copy);
        }

        File.WriteAllText(Path.Combine(_directory.FullName, "both", WeightFiles.PickleName), "never looked at");

        var info = ModelImporter.Import(new ModelImport { From = ModelImport.FromFolder, Path = Path.Combine(_directory.FullName, "both") }, _directory.FullName);

        Assert.False(File.Exists(Path.Combine(_directory.FullName, "models", info.Hash, WeightFiles.PickleName)));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void AssertSame(WeightFiles expected, WeightFiles actual)
    {
        Assert.Equal(expected.Entries.Select(e => e.Name).Order(), actual.Entries.Select(e => e.Name).Order());
        foreach (var entry in expected.Entries)
        {
            Assert.Equal(entry.Shape, actual.Find(entry.Name)!.Shape);
            Assert.Equal(entry.Type, actual.Find(entry.Name)!.Type);
            Assert.True(expected.Bytes(entry.Name).SequenceEqual(actual.Bytes(entry.Name)), entry.Name);
        }
    }
}
