using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Tests;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Checkpoints;

public sealed class WeightConversionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Theory]
    [InlineData("bert_bin_views")]
    [InlineData("bert_sharded")]
    [InlineData("bert_bf16")]
    public void Run_WritesTheSameBytes_FromWhatItWrote(string name)
    {
        var (first, second) = (At("first"), At("second"));

        WeightConversion.Run(Model(name), first, maxShardBytes: 20_000);
        WeightConversion.Run(first, second, maxShardBytes: 20_000);

        Assert.True(Directory.GetFiles(first, "*.safetensors").Length > 1);
        Assert.Equal(Files(first), Files(second));
        Assert.All(Files(first).Keys, f => Assert.Equal(File.ReadAllBytes(Path.Combine(first, f)), File.ReadAllBytes(Path.Combine(second, f))));
        using var expected = WeightFiles.Open(Model(name));
        using var actual = WeightFiles.Open(second);
        Assert.All(expected.Entries, e => Assert.True(expected.Bytes(e.Name).SequenceEqual(actual.Bytes(e.Name)), e.Name));
    }

    [Theory]
    [InlineData(SafetensorsType.F16, "float16")]
    [InlineData(SafetensorsType.BF16, "bfloat16")]
    [InlineData(SafetensorsType.F32, "float32")]
    public void Run_RoundsToAnotherType_AsTorchDoes_AndNamesIt(SafetensorsType type, string named)
    {
        WeightConversion.Run(Model("bert_seqcls"), At("out"), type);

        using var expected = WeightFiles.Open(Model("bert_seqcls"));
        using var actual = WeightFiles.Open(At("out"));
        foreach (var entry in actual.Entries)
        {
            using var wanted = expected.Read(entry.Name).to(type.ToTorch());
            using var found = actual.Read(entry.Name);
            Assert.Equal(type, entry.Type);
            Assert.True(wanted.equal(found).all().item<bool>(), entry.Name);
        }

        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(At("out"), "config.json")));
        Assert.Equal(named, (config.RootElement.TryGetProperty("dtype", out var dtype) ? dtype : config.RootElement.GetProperty("torch_dtype")).GetString());
    }

    [Fact]
    public void Run_LeavesNothing_WhenAValueDoesNotFit()
    {
        var source = Directory.CreateDirectory(At("source")).FullName;
        using var values = tensor(new[] { 1f, 70000f });
        SafetensorsWriter.Write(Path.Combine(source, WeightFiles.SingleName), [values.ToPart("large")]);

        var e = Assert.Throws<InputException>(() => WeightConversion.Run(source, At("out"), SafetensorsType.F16));

        Assert.Equal("checkpoint.too_large", e.Code);
        Assert.Equal([source], Directory.GetFileSystemEntries(_directory.FullName));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string At(string name) => Path.Combine(_directory.FullName, name);

    private static string Model(string name) => Shared.Path("parity", "models", name, "model");

    private static Dictionary<string, long> Files(string folder) => new DirectoryInfo(folder).GetFiles().ToDictionary(f => f.Name, f => f.Length);
}
