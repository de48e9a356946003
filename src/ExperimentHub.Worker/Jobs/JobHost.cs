using System.Globalization;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>Does the job of a folder: header, dispatch, the last event, the exit code, and the fence against a newer attempt.</summary>
internal static class JobHost
{
    /// <summary>Exit code of a worker that found a newer attempt beside its own.</summary>
    public const int Fenced = 3;

    private static readonly TimeSpan s_fenceEvery = TimeSpan.FromSeconds(2);

    public static Task<int> RunCommand(string[] arguments) =>
        arguments is [var folder]
            ? RunAsync(new JobFolder(folder))
            : throw new InputException("Name one folder: worker job FOLDER.", "worker.usage");

    /// <summary>Does <paramref name="job"/>, or without one the job that run.json names.</summary>
    public static async Task<int> RunAsync(JobFolder folder, Func<JobContext, Task<FinishedEvent>>? job = null)
    {
        var (header, _) = folder.ReadRun<JobHeader>();
        if (header.Format > JobHeader.CurrentFormat)
        {
            throw new InputException($"run.json has format {header.Format}; this worker reads up to {JobHeader.CurrentFormat}: build it again.", "run.format", header.Format, JobHeader.CurrentFormat);
        }

        if (File.Exists(folder.EventsFile))
        {
            throw new InputException("This attempt has already begun (events.jsonl exists); a resume is a new attempt.", "run.already_begun");
        }

        using var events = new EventWriter(folder, header.Token);
        using var fence = new Timer(_ => ExitIfSuperseded(folder), null, s_fenceEvery, s_fenceEvery);
        try
        {
            if (job is null && !WorkerJobs.All.TryGetValue(header.Job, out job))
            {
                throw new InputException($"run.json: this worker has no job '{InputException.Quote(header.Job)}'; it has {string.Join(", ", WorkerJobs.All.Keys)}.", "run.job", InputException.Quote(header.Job));
            }

            var finished = await job(new JobContext(folder, header, events));
            events.Write(finished);
            return finished.Outcome == Outcomes.Failed ? 1 : 0;
        }
        catch (Exception e)
        {
            var code = Failure.Report(e);
            try
            {
                events.Write(Failure.ToEvent(e, events.Step));
            }
            catch (IOException unwritten)
            {
                return Failure.Report(unwritten);   // on a full disk not even that can be told; the hub finds the worker dead
            }

            return code;
        }
    }

    /// <summary>True when an attempt with a higher number stands beside this one, so that this worker has lost its claim.</summary>
    internal static bool IsSuperseded(JobFolder folder)
    {
        var own = new DirectoryInfo(folder.Path);
        return long.TryParse(own.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) &&
            own.Parent is { Exists: true, Name: "attempts" } attempts &&
            attempts.EnumerateDirectories().Any(d => long.TryParse(d.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var other) && other > attempt);
    }

    private static void ExitIfSuperseded(JobFolder folder)
    {
        bool superseded;
        try
        {
            superseded = IsSuperseded(folder);
        }
        catch (IOException)
        {
            return;   // the folder cannot be listed at this moment; the next look decides
        }

        if (superseded)
        {
            Console.Error.WriteLine("A newer attempt of this run exists; this worker ends.");
            Environment.Exit(Fenced);
        }
    }
}
