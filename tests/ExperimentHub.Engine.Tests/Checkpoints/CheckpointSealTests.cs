using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Engine.Tests.Checkpoints;

/// <summary>A checkpoint that a power loss has cut or a disk has changed is told from a whole one, whichever file it is and wherever it was cut.</summary>
public sealed class CheckpointSealTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");
    private readonly Dictionary<string, byte[]> _whole;

    public CheckpointSealTests()
    {
        var random = new Random(3);
        foreach (var (name, length) in new[] { ("model.safetensors", 1003), ("optimizer.safetensors", 517), ("trainer_state.json", 90), ("config.json", 0) })
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes(At(name), bytes);
        }

        CheckpointSeal.Write(_directory.FullName);
        _whole = _directory.EnumerateFiles().ToDictionary(f => f.Name, f => File.ReadAllBytes(f.FullName));
    }

    [Fact]
    public void FindDamage_WholeCheckpoint_IsNull() => Assert.Null(CheckpointSeal.FindDamage(_directory.FullName));

    [Fact]
    public void FindDamage_FileCutAtAnyByte_NamesIt()
    {
        foreach (var (name, bytes) in _whole)
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                File.WriteAllBytes(At(name), bytes[..length]);
                Assert.Equal(name, CheckpointSeal.FindDamage(_directory.FullName));
            }

            File.WriteAllBytes(At(name), bytes);
        }
    }

    [Fact]
    public void FindDamage_AnyBitTurned_NamesTheFile()
    {
        foreach (var name in new[] { "model.safetensors", "optimizer.safetensors", "trainer_state.json" })
        {
            for (var bit = 0; bit < _whole[name].Length * 8; bit += 7)
            {
                var bytes = _whole[name].ToArray();
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                File.WriteAllBytes(At(name), bytes);
                Assert.Equal(name, CheckpointSeal.FindDamage(_directory.FullName));
            }

            File.WriteAllBytes(At(name), _whole[name]);
        }
    }

    [Fact]
    public void FindDamage_MissingFileOrFolder_IsDamage()
    {
        File.Delete(At("optimizer.safetensors"));

        Assert.Equal("optimizer.safetensors", CheckpointSeal.FindDamage(_directory.FullName));
        Assert.Equal(CheckpointSeal.FileName, CheckpointSeal.FindDamage(At("step-000010")));
    }

    [Fact]
    public void CheckpointNames_ListsFinishedOnes_LatestStepFirst()
    {
        foreach (var name in new[] { "step-000009", "step-000010", "step-1000000", "step-000011.tmp", "step-000008.old", "other" })
        {
            _directory.CreateSubdirectory(name);
        }

        Assert.Equal(["step-1000000", "step-000010", "step-000009"], CheckpointNames.In(_directory.FullName));
        Assert.Empty(CheckpointNames.In(At("nothing")));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
