using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Tests.Metrics;

public sealed class MetricStoreTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-test-");
    private readonly MetricDatabase _database;
    private readonly MetricReader _reader;

    public MetricStoreTests()
    {
        var options = Options.Create(new HubOptions { DataDirectory = _directory.FullName });
        _database = new MetricDatabase(new HubPaths(options, new Here(_directory.FullName)), options);
        _reader = new MetricReader(_database);
    }

    [Fact]
    public async Task Write_StoresPointsSummariesAndTheOffsetTogether()
    {
        await WriteAsync(1, Lines(Metrics(1, 0.9), Metrics(2, double.NaN), Metrics(3, 0.4)));

        var slice = _reader.Read(1, "train_loss");
        Assert.Equal([1, 2, 3], slice.Points.Select(p => p.Step));
        Assert.True(double.IsNaN(slice.Points[1].Value));
        var summary = Assert.Single(_reader.Summaries(1));
        Assert.Equal((3, 0.4, 0.4, 0.9), (summary.Count, summary.Last, summary.Min, summary.Max));
        var state = _reader.Attempt(1)!;
        Assert.Equal(Encoding.UTF8.GetByteCount(Lines(Metrics(1, 0.9), Metrics(2, double.NaN), Metrics(3, 0.4))), state.Position.Offset);
    }

    [Fact]
    public async Task Parse_SameBytesTwice_ChangesNothing()
    {
        var bytes = Lines(Metrics(1, 0.9), Metrics(2, 0.8));
        await WriteAsync(1, bytes);

        var again = EventParser.Parse(new AttemptKey(1, 1, 1), "t", _reader.Attempt(1)!.Position with { Offset = 0, Line = 0 }, Encoding.UTF8.GetBytes(bytes));

        Assert.Empty(again.Events);
    }

    [Fact]
    public async Task Started_OfALaterAttempt_SupersedesWhatLiesAfterItsStep()
    {
        await WriteAsync(1, Lines(Metrics(10, 1.0), Metrics(20, 0.2), Metrics(30, 0.1)));
        await WriteAsync(2, Lines(new StartedEvent { Attempt = 2, Step = 10 }, Metrics(20, 0.5)), attempt: 2);

        Assert.Equal([(10, 1.0), (20, 0.5)], _reader.Read(1, "train_loss").Points.Select(p => (p.Step, p.Value)));
        var summary = Assert.Single(_reader.Summaries(1));
        Assert.Equal((2, 0.5, 0.5), (summary.Count, summary.Last, summary.Min));
    }

    [Fact]
    public async Task ReadFurther_GivesEachPointOfEachCurveOnce()
    {
        static MetricsEvent Two(long step) => new() { Step = step, Values = new Dictionary<string, double> { ["train_loss"] = step, ["eval_loss"] = -step } };
        var next = new Dictionary<string, long>();
        await WriteAsync(1, Lines(Two(1), Metrics(2, 2), Metrics(3, 3)));

        var first = _reader.ReadFurther(1, next);
        Assert.Equal(["eval_loss: -1", "train_loss: 1 2 3"], first.Select(Told));
        Assert.Equal(first.Select(Told), new[] { _reader.Read(1, "eval_loss"), _reader.Read(1, "train_loss") }.Select(Told));
        Assert.Empty(_reader.ReadFurther(1, next));

        await WriteAsync(2, Lines(new StartedEvent { Attempt = 2, Step = 2 }, Metrics(3, 30), Two(4)), attempt: 2);

        Assert.Equal(["eval_loss: -4", "train_loss: 30 4"], _reader.ReadFurther(1, next).Select(Told));
        Assert.Equal(["train_loss: 4"], _reader.ReadFurther(1, new Dictionary<string, long> { ["eval_loss"] = 2, ["train_loss"] = 4 }).Select(Told));
        Assert.Equal(["train_loss: 30 4"], _reader.ReadFurther(1, [], otherwise: 2).Select(Told));
        Assert.Empty(_reader.ReadFurther(7, []));
    }

    [Fact]
    public async Task Write_ManySmallBatches_AreMergedAndReadBackInOrder()
    {
        await using (var writer = new MetricWriter(_database, NullLogger<MetricWriter>.Instance))
        {
            var position = ReadPosition.Start;
            for (var i = 0; i < 400; i++)
            {
                var events = new WorkerEvent[] { Metrics(i, i) with { Seq = i + 1 } };
                position = new ReadPosition(i + 1, i + 1, i + 1);
                var stored = await writer.WriteAsync(new EventBatch(new AttemptKey(1, 1, 1), position, events), TestContext.Current.CancellationToken);
                if (i % 2 == 0)
                {
                    await stored;
                }
            }
        }

        var slice = _reader.Read(1, "train_loss");
        Assert.Equal(Enumerable.Range(0, 400).Select(i => (double)i), slice.Points.Select(p => p.Value));
        Assert.Equal(400, slice.NextNumber);
        Assert.Equal(Enumerable.Range(350, 50).Select(i => (double)i), _reader.Read(1, "train_loss", fromNumber: 350).Points.Select(p => p.Value));
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    private async Task WriteAsync(int attemptId, string lines, int attempt = 1)
    {
        await using var writer = new MetricWriter(_database, NullLogger<MetricWriter>.Instance);
        var batch = EventParser.Parse(new AttemptKey(attemptId, 1, attempt), "t", ReadPosition.Start, Encoding.UTF8.GetBytes(lines));
        await await writer.WriteAsync(batch, TestContext.Current.CancellationToken);
    }

    private static MetricsEvent Metrics(long step, double value) => new() { Step = step, Values = new Dictionary<string, double> { ["train_loss"] = value } };

    private static string Told(SeriesSlice slice) => $"{slice.Key}: {string.Join(' ', slice.Points.Select(p => p.Value))}";

    private static string Lines(params WorkerEvent[] events) =>
        string.Concat(events.Select((e, i) => JsonSerializer.Serialize(e with { Seq = i + 1, Token = "t", Time = DateTimeOffset.UnixEpoch }, WireJson.Options) + "\n"));

    private sealed class Here(string path) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "ExperimentHub";

        public string ContentRootPath { get; set; } = path;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
