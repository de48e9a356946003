using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Tests.Protocol;

public sealed class JobFolderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void WriteRun_LetsNoSettingSayWhatTheHeaderSays()
    {
        var folder = new JobFolder(_directory.FullName);
        var header = new JobHeader { Job = JobKinds.ImportDataset, Token = "token", Store = "/store" };
        var settings = new JsonObject
        {
            ["job"] = JobKinds.ImportModel,
            ["token"] = "another",
            ["store"] = "/elsewhere",
            ["resume_from"] = "../../../etc",
            ["output"] = "..",
            ["from"] = "folder",
        };

        folder.WriteRun(header, settings);

        var (read, _) = folder.ReadRun<JobHeader>();
        Assert.Equal(header, read);
        Assert.Equal("folder", (string?)JsonNode.Parse(File.ReadAllText(folder.RunFile))!["from"]);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
