using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Workers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Hostile.Cases;

/// <summary>events.jsonl of a run, as the hub reads it: into metrics.db, and from there what a page would show.</summary>
internal static class EventsCases
{
    private static readonly AttemptKey s_attempt = new(AttemptId: 1, RunId: 1, Number: 1);

    public static async Task<CaseAnswer> RunAsync(HostileCase hostile, Workplace place)
    {
        try
        {
            return await ReadAllAsync(hostile, place);
        }
        finally
        {
            SqliteConnection.ClearAllPools();   // the next case has another metrics.db at the same place
        }
    }

    private static async Task<CaseAnswer> ReadAllAsync(HostileCase hostile, Workplace place)
    {
        var options = Options.Create(new HubOptions { DataDirectory = place.Data });
        var database = new MetricDatabase(new HubPaths(options, Host.CreateEmptyApplicationBuilder(null).Environment), options);
        var folder = new JobFolder(place.Attempt);
        var reader = new MetricReader(database);
        var name = hostile.Fact("name")?.GetString() ?? "";
        await using var writer = new MetricWriter(database, NullLogger<MetricWriter>.Instance);

        var isFolder = Directory.Exists(place.Input);
        Append(folder, isFolder ? Path.Combine(place.Input, "events.jsonl") : place.Input);
        await ReadAsync(folder, reader, writer);
        var answer = new CaseAnswer();
        answer = Facts(answer, reader, name, "points", "finished");
        if (isFolder)
        {
            Append(folder, Path.Combine(place.Input, "rest.jsonl"));
            await ReadAsync(folder, reader, writer);
            answer = Facts(answer, reader, name, "points_after_rest", "finished_after_rest");
        }

        var stored = Points(reader, name);
        var again = await ReadAsync(folder, reader, writer);
        var log = reader.Log(s_attempt.AttemptId);
        return answer with
        {
            Outcome = log.Any(l => l.Level == "warning") ? CaseAnswer.Warn : CaseAnswer.Accept,
            Messages = [.. log.Where(l => l.Level == "warning").Select(l => l.Text)],
            Shown = [.. log.Select(l => l.Text), .. reader.Summaries(s_attempt.RunId).Select(s => s.Key)],
            Faults = again > 0 || Points(reader, name) != stored ? ["reading the same file again changed something"] : [],
        };
    }

    private static void Append(JobFolder folder, string file)
    {
        using var events = new FileStream(folder.EventsFile, FileMode.Append);
        events.Write(NeutralNames.Replace(File.ReadAllBytes(file)));
    }

    /// <summary>Reads on from where the store says; the number of batches.</summary>
    private static async Task<int> ReadAsync(JobFolder folder, MetricReader reader, MetricWriter writer)
    {
        using var tail = new EventsTail(s_attempt, NeutralNames.Token, folder, reader.Attempt(s_attempt.AttemptId)?.Position ?? ReadPosition.Start);
        var batches = 0;
        while (tail.Read(complete: false) is { } batch)
        {
            batches++;
            var stored = await writer.WriteAsync(batch, CancellationToken.None);
            await stored.WaitAsync(TimeSpan.FromSeconds(60));
        }

        return batches;
    }

    private static CaseAnswer Facts(CaseAnswer answer, MetricReader reader, string name, string points, string finished)
    {
        var end = reader.Attempt(s_attempt.AttemptId)?.Finished;
        return answer.With(points, Points(reader, name)).With(finished, end is not null).With("outcome", "@" + end?.Outcome);
    }

    private static int Points(MetricReader reader, string name) => reader.Read(s_attempt.RunId, name).Points.Count;
}
