using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>
/// <c>worker train</c> by hand: a run's folder, or a model folder and files of rows. It makes the same folder as the hub would, does the
/// same job in it, and prints the final metrics as its last line.
/// </summary>
internal static class TrainCommand
{
    private static readonly string[] s_options = ["task", "model", "train", "eval", "set", "map", "out", "resume", "threads", "device"];

    public static async Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("train", arguments, s_options, []);
        if (line.Alone is [var run] && arguments.Length == 1)
        {
            var given = new JobFolder(run);
            return Conclude(given, await JobHost.RunAsync(given));
        }

        var config = ReadConfig(line);
        var folder = CreateFolder(line);
        var sources = new TrainingSources
        {
            Model = Path.GetFullPath(line.Required("model")),
            Dataset = await HandImport.ImportAsync(line, line.Required("train"), folder.Path, split: line.Text("eval") is null),
            EvaluationDataset = line.Text("eval") is { } rows ? await HandImport.ImportAsync(line, rows, folder.Path, split: false) : null,
        };
        var header = new JobHeader
        {
            Token = Guid.NewGuid().ToString("n"),
            Threads = line.Integer("threads", 0),
            Device = line.Text("device") ?? ComputeDevice.Auto,
            Store = folder.Path,
            ResumeFrom = line.Text("resume") is { } checkpoint ? [Path.GetRelativePath(folder.Path, Whole(checkpoint))] : null,
        };
        folder.WriteRun(header, config with { Name = Path.GetFileName(folder.Path), Dataset = Path.GetFileName(sources.Dataset) });
        int code;
        using (var bar = new TerminalProgress())
        {
            code = await JobHost.RunAsync(folder, context => TrainJob.RunAsync(context, config, sources, bar.Show));
        }

        return Conclude(folder, code);
    }

    /// <summary>Who names one checkpoint wants that one.</summary>
    private static string Whole(string checkpoint) => CheckpointSeal.FindDamage(checkpoint) is { } damaged
        ? throw new InputException($"The checkpoint {InputException.Quote(checkpoint)} is damaged or none ({InputException.Quote(damaged)}); name another one.", "training.checkpoint_damaged")
        : Path.GetFullPath(checkpoint);

    private static RunConfig ReadConfig(CommandLine line)
    {
        var json = new JsonObject { ["task"] = line.Text("task") ?? TaskNames.SequenceClassification };
        foreach (var pair in line.All("set"))
        {
            if (pair.Split('=', 2) is not [var name, var value] || Setting.Find(name) is not { } setting)
            {
                throw line.Fault($"--set takes name=value with one of {string.Join(", ", Setting.All.Select(s => s.Name))}, not {InputException.Quote(pair)}");
            }

            json[name] = setting.Kind switch
            {
                SettingKind.Integer when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
                SettingKind.Number when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
                SettingKind.Switch when bool.TryParse(value, out var on) => on,
                _ => value,
            };
        }

        var (config, faults) = RunConfigValidator.Read(json);
        return faults.Count == 0 ? config : throw line.Fault(string.Join(' ', faults.Select(f => f.Message)));
    }

    private static JobFolder CreateFolder(CommandLine line)
    {
        var folder = new JobFolder(line.Required("out"));
        if (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
        {
            throw line.Fault("the folder of --out is not empty; name a new one");
        }

        if (!Directory.Exists(line.Required("model")))
        {
            throw line.Fault($"there is no folder {InputException.Quote(line.Text("model"))} for --model");
        }

        Directory.CreateDirectory(folder.Path);
        return folder;
    }

    private static int Conclude(JobFolder folder, int code)
    {
        var last = JsonSerializer.Deserialize<WorkerEvent>(File.ReadLines(folder.EventsFile).Last(), WireJson.Options);
        if (last is FinishedEvent { Values: { } values })
        {
            Output.Json(values);
        }

        return code;
    }
}
