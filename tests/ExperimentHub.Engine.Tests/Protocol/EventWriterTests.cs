using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Tests.Protocol;

public sealed class EventWriterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Write_NumbersLinesAndKeepsNotANumber()
    {
        var folder = new JobFolder(_directory.FullName);
        using (var writer = new EventWriter(folder, "t1"))
        {
            writer.Write(new StartedEvent { Attempt = 2, Step = 7 });
            writer.Write(new MetricsEvent { Step = 8, Values = new Dictionary<string, double> { ["train_loss"] = double.NaN } });
            writer.Write(new FinishedEvent { Outcome = Outcomes.Completed });
            writer.Log("after the end: dropped");
        }

        var events = File.ReadAllLines(folder.EventsFile).Select(l => JsonSerializer.Deserialize<WorkerEvent>(l, WireJson.Options)!).ToList();

        Assert.Equal([1, 2, 3], events.Select(e => e.Seq));
        Assert.All(events, e => Assert.Equal("t1", e.Token));
        Assert.Equal(7, Assert.IsType<StartedEvent>(events[0]).Step);
        Assert.True(double.IsNaN(Assert.IsType<MetricsEvent>(events[1]).Values["train_loss"]));
        Assert.IsType<FinishedEvent>(events[2]);
    }

    [Fact]
    public void Deserialize_UnknownKindOfEvent_GivesTheBareEvent()
    {
        var e = JsonSerializer.Deserialize<WorkerEvent>("""{"seq":3,"type":"of_the_future","token":"t","more":[1]}""", WireJson.Options);

        Assert.Equal(3, e!.Seq);
        Assert.Equal(typeof(WorkerEvent), e.GetType());
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
