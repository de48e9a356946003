using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Worker;

namespace ExperimentHub.Engine.Tests.Worker;

public sealed class JobHostTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task RunAsync_LeavesAFailedEventWithOneSentence_WhenTheJobIsUnknown()
    {
        var folder = new JobFolder(_directory.FullName);
        folder.WriteRun(new JobHeader { Job = "fly", Token = "t" }, new { });

        var code = await JobHost.RunAsync(folder);

        var last = JsonSerializer.Deserialize<WorkerEvent>(File.ReadAllLines(folder.EventsFile)[^1], WireJson.Options);
        var finished = Assert.IsType<FinishedEvent>(last);
        Assert.Equal(1, code);
        Assert.Equal(Outcomes.Failed, finished.Outcome);
        Assert.Contains("fly", finished.Error, StringComparison.Ordinal);
        Assert.Equal("run.job", finished.ErrorCode);
    }

    [Fact]
    public async Task RunAsync_RefusesAFolder_WhenAnotherWorkerHasBegunIt()
    {
        var folder = new JobFolder(_directory.FullName);
        folder.WriteRun(new JobHeader { Token = "t" }, new { });
        File.WriteAllText(folder.EventsFile, "");

        var refusal = await Assert.ThrowsAsync<InputException>(() => JobHost.RunAsync(folder));

        Assert.Equal("run.already_begun", refusal.Code);
    }

    [Fact]
    public void IsSuperseded_IsTrue_WhenANewerAttemptExists()
    {
        var attempts = _directory.CreateSubdirectory("attempts");
        var first = new JobFolder(attempts.CreateSubdirectory("1").FullName);
        Assert.False(JobHost.IsSuperseded(first));

        var second = new JobFolder(attempts.CreateSubdirectory("2").FullName);

        Assert.True(JobHost.IsSuperseded(first));
        Assert.False(JobHost.IsSuperseded(second));
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
