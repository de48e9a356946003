using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Workers;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExperimentHub.Benchmarks;

/// <summary>
/// The metric store by itself, through the classes the hub uses: events files are tailed, parsed and committed while readers ask for
/// charts; then the curves of a hundred runs as the compare page asks for them; then one run of a large database.
/// </summary>
internal static class StoreBenchmark
{
    private const string Token = "benchmark-token";
    private const int ChartPoints = 2000;   // as the pages ask

    public static async Task<int> RunAsync(Options options)
    {
        var root = Directory.CreateTempSubdirectory("experimenthub-bench-");
        try
        {
            await IngestAsync(root.CreateSubdirectory("ingest").FullName, options);
            await CompareAsync(root.CreateSubdirectory("compare").FullName);
            await OpenAsync(root.CreateSubdirectory("large").FullName, options.Integer("million", 20));
        }
        finally
        {
            root.Delete(recursive: true);
        }

        return 0;
    }

    private static async Task IngestAsync(string root, Options options)
    {
        var (runs, events, metrics, readers) = (options.Integer("runs", 20), options.Integer("events", 10_000), options.Integer("metrics", 10), options.Integer("readers", 20));
        var paths = Paths(root);
        var folders = Enumerable.Range(1, runs).Select(run => new JobFolder(Path.Combine(paths.Runs, run.ToString(CultureInfo.InvariantCulture)))).ToList();
        folders.ForEach(folder => WriteEvents(folder, events, metrics));
        var database = new MetricDatabase(paths, Microsoft.Extensions.Options.Options.Create(new HubOptions()));
        var reader = new MetricReader(database);
        await using var writer = new MetricWriter(database, NullLogger<MetricWriter>.Instance);
        using var memory = new MemoryWatch(Environment.ProcessId);
        using var stop = new CancellationTokenSource();
        var charts = new Figures();
        var asking = Enumerable.Range(0, readers).Select(r => AskAsync(reader, 1 + (r % runs), charts, stop.Token)).ToList();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(folders.Select((folder, i) => Task.Run(() => FollowAsync(writer, folder, i + 1))));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(asking);
        var stored = Enumerable.Range(1, runs).Sum(run => reader.Summaries(run).Sum(s => s.Count));
        Say($"ingest: {stored:N0} points of {runs} runs in {seconds:0.0} s = {stored / seconds:N0} points/s; meanwhile {readers} readers, ten charts a second each: {charts}");
        Say($"  peak memory of the process {memory.PeakMegabytes} MB; metrics.db {new FileInfo(paths.MetricsDatabase).Length >> 20} MB");
    }

    private static async Task FollowAsync(MetricWriter writer, JobFolder folder, int run)
    {
        using var tail = new EventsTail(new AttemptKey(run, run, 1), Token, folder, ReadPosition.Start);
        var stored = Task.CompletedTask;
        while (tail.Read(complete: true) is { } batch)
        {
            stored = await writer.WriteAsync(batch, CancellationToken.None);
        }

        await stored;
    }

    private static async Task AskAsync(MetricReader reader, int run, Figures charts, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            for (var metric = 0; await timer.WaitForNextTickAsync(stop); metric = (metric + 1) % 10)
            {
                await Task.Run(
                    () =>
                    {
                        var began = Stopwatch.GetTimestamp();
                        reader.Read(run, Name(metric), 0, ChartPoints);
                        charts.Add(Stopwatch.GetElapsedTime(began));
                    },
                    CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The ingest is done.
        }
    }

    private static async Task CompareAsync(string root)
    {
        const int runs = 100, steps = 10_000;
        var reader = await FillAsync(Paths(root), runs, metrics: 2, steps);
        var times = new Figures();
        for (var round = 0; round < 5; round++)
        {
            var began = Stopwatch.GetTimestamp();
            reader.Summaries(Enumerable.Range(1, runs));
            for (var run = 1; run <= runs; run++)
            {
                reader.Read(run, Name(0), 0, ChartPoints);
                reader.Read(run, Name(1), 0, ChartPoints);
            }

            times.Add(Stopwatch.GetElapsedTime(began));
        }

        Say($"compare: {runs} runs x {steps:N0} steps, two charts and the table: {times}");
    }

    private static async Task OpenAsync(string root, int millions)
    {
        const int metrics = 20, steps = 10_000;
        var paths = Paths(root);
        var runs = Math.Max(1, millions * 1_000_000 / (metrics * steps));
        await FillAsync(paths, runs, metrics, steps);
        var times = new Figures();
        for (var run = 1; run <= Math.Min(runs, 50); run++)
        {
            var began = Stopwatch.GetTimestamp();
            var reader = new MetricReader(new MetricDatabase(paths, Microsoft.Extensions.Options.Options.Create(new HubOptions())));
            reader.Summaries(run);
            reader.LatestAttempt(run);
            for (var chart = 0; chart < 8; chart++)
            {
                reader.Read(run, Name(chart), 0, ChartPoints);
            }

            times.Add(Stopwatch.GetElapsedTime(began));
        }

        Say($"open: a run with eight charts out of {(long)runs * metrics * steps:N0} points ({new FileInfo(paths.MetricsDatabase).Length >> 20} MB): {times}");
    }

    /// <summary>Runs as they are after some hours: segments of many commits.</summary>
    private static async Task<MetricReader> FillAsync(HubPaths paths, int runs, int metrics, int steps)
    {
        const int stepsACommit = 500;
        var database = new MetricDatabase(paths, Microsoft.Extensions.Options.Options.Create(new HubOptions()));
        await using var writer = new MetricWriter(database, NullLogger<MetricWriter>.Instance);
        var time = DateTimeOffset.UtcNow;
        for (var from = 0; from < steps; from += stepsACommit)
        {
            var stored = Task.CompletedTask;
            for (var run = 1; run <= runs; run++)
            {
                List<WorkerEvent> events = [.. Enumerable.Range(from + 1, stepsACommit).Select(step => Event(step, metrics, time))];
                stored = await writer.WriteAsync(new EventBatch(new AttemptKey(run, run, 1), new ReadPosition(from, from, from), events), CancellationToken.None);
            }

            await stored;
        }

        return new MetricReader(database);
    }

    private static void WriteEvents(JobFolder folder, int events, int metrics)
    {
        Directory.CreateDirectory(folder.Path);
        using var file = new StreamWriter(folder.EventsFile);
        var time = DateTimeOffset.UtcNow;
        for (var step = 1; step <= events; step++)
        {
            WorkerEvent line = Event(step, metrics, time) with { Token = Token };
            file.Write(JsonSerializer.Serialize(line, WireJson.Options));
            file.Write('\n');
        }
    }

    private static MetricsEvent Event(int step, int metrics, DateTimeOffset start) => new()
    {
        Seq = step,
        Time = start.AddMilliseconds(100.0 * step),
        Step = step,
        Epoch = step / 1000.0,
        Tokens = 427L * step,
        Values = Enumerable.Range(0, metrics).ToDictionary(Name, m => (0.7 / Math.Sqrt(step + m)) + (0.01 * Math.Sin(step * (m + 1)))),
    };

    private static string Name(int metric) => metric == 0 ? "train_loss" : "metric_" + metric.ToString(CultureInfo.InvariantCulture);

    private static HubPaths Paths(string root) => new(Microsoft.Extensions.Options.Options.Create(new HubOptions { DataDirectory = root }), new HostingEnvironment { ContentRootPath = root });

    private static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
