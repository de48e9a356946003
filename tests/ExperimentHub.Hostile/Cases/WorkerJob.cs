using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;
using ExperimentHub.Worker;

namespace ExperimentHub.Hostile.Cases;

/// <summary>A job as the hub asks a worker for it: a folder with run.json, and what is read from its events afterwards.</summary>
internal static class WorkerJob
{
    public static JobFolder Prepare<T>(Workplace place, string job, T settings, string id = "1")
    {
        var folder = new JobFolder(Path.Combine(place.Data, "jobs", id, "attempts", "1"));
        folder.WriteRun(new JobHeader { Job = job, Id = 1, Token = NeutralNames.Token, Store = place.Store, Threads = 1 }, settings);
        return folder;
    }

    /// <summary>Does the job; a refusal is an answer, and whatever ended it otherwise a fault.</summary>
    public static async Task<CaseAnswer> RunAsync(JobFolder folder)
    {
        var errors = new StringWriter();
        var before = Console.Error;
        Console.SetError(errors);
        try
        {
            await JobHost.RunAsync(folder);
        }
        catch (InputException e)
        {
            return CaseAnswer.Refused(e.Message);   // before there was an event to report it with
        }
        finally
        {
            Console.SetError(before);
        }

        var events = File.ReadLines(folder.EventsFile).Select(l => JsonSerializer.Deserialize<WorkerEvent>(l, WireJson.Options)).ToList();
        return events[^1] switch
        {
            FinishedEvent { Outcome: Outcomes.Failed, ErrorCode: { } code } failed when !code.StartsWith("worker.", StringComparison.Ordinal) => CaseAnswer.Refused(failed.Error ?? ""),
            FinishedEvent { Outcome: Outcomes.Failed } failed => CaseAnswer.Broken($"{failed.ErrorCode}: {errors.ToString().Split('\n')[0]}"),
            FinishedEvent => CaseAnswer.Accepted([.. events.OfType<LogEvent>().Where(l => l.Level == "warning").Select(l => l.Text)]),
            _ => CaseAnswer.Broken("the job ended without its last event"),
        };
    }

    public static T Result<T>(JobFolder folder) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(folder.ResultFile), WireJson.Options)!;
}
