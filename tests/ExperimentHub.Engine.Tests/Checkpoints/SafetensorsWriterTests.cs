using ExperimentHub.Engine.Checkpoints;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Checkpoints;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Write_GivesBackWhatItGot_InEachType()
    {
        var path = Path.Combine(_directory.FullName, "t.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["single"] = arange(6, ScalarType.Float32).reshape(2, 3),
            ["half"] = arange(5, ScalarType.Float16),
            ["brain"] = arange(4, ScalarType.BFloat16),
            ["ids"] = arange(3, ScalarType.Int64),
            ["scalar"] = tensor(2.5f),
            ["turned"] = arange(6, ScalarType.Float32).reshape(2, 3).t(),
            ["nothing"] = empty(0, 3),
        };

        SafetensorsWriter.Write(path, tensors.Select(t => t.Value.ToPart(t.Key)));

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(tensors.Keys.Order(), file.Entries.Keys.Order());
        foreach (var (name, expected) in tensors)
        {
            using var actual = file.Read(name);
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(expected.shape, actual.shape);
            Assert.True(expected.equal(actual).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Open_FollowsALink_AsInTheCacheOfAModelHub()
    {
        using var values = arange(6, ScalarType.Float32);
        var blob = Path.Combine(_directory.FullName, "blob");
        SafetensorsWriter.Write(blob, [values.ToPart("values")]);
        var link = Path.Combine(_directory.FullName, "model.safetensors");
        File.CreateSymbolicLink(link, blob);

        using var file = SafetensorsFile.Open(link);

        Assert.Equal("values", Assert.Single(file.Entries.Keys));
    }

    [Fact]
    public void Write_LeavesNoFile_WhenItFails()
    {
        var path = Path.Combine(_directory.FullName, "t.safetensors");
        var part = new SafetensorsPart("t", SafetensorsType.F32, [1], (_, _) => throw new IOException("disk full"));

        Assert.Throws<IOException>(() => SafetensorsWriter.Write(path, [part]));

        Assert.Empty(_directory.EnumerateFiles());
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
