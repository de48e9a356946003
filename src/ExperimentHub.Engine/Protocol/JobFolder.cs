using System.Text.Json;

namespace ExperimentHub.Engine.Protocol;

/// <summary>The folder of one attempt of one job: the whole protocol between the hub and a worker, and the names of its files.</summary>
public sealed class JobFolder(string path)
{
    /// <summary>No <c>run.json</c> is larger than this.</summary>
    private const int MaxRunFileBytes = 4 << 20;

    private static readonly string[] s_headerFields = [.. WireJson.Options.GetTypeInfo(typeof(JobHeader)).Properties.Select(p => p.Name)];

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string RunFile => At("run.json");

    /// <summary>Written by the worker: <see cref="WorkerEvent"/> lines.</summary>
    public string EventsFile => At("events.jsonl");

    /// <summary>Written by the hub: <see cref="ControlCommand"/> lines.</summary>
    public string ControlFile => At("control.jsonl");

    public string StandardOutput => At("stdout.log");

    public string StandardError => At("stderr.log");

    /// <summary>What a job that is not a training run leaves, as JSON; complete before the <c>finished</c> event.</summary>
    public string ResultFile => At("result.json");

    /// <summary>What a training run leaves: a Hugging Face folder with the best weights; complete before the <c>finished</c> event.</summary>
    public string ModelFolder => At("model");

    public string At(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes <c>run.json</c>: the header and the job's own settings as one flat object. Settings may come from a stranger's request: what the header says is never theirs to say.</summary>
    public void WriteRun<TSettings>(JobHeader header, TSettings settings)
    {
        Directory.CreateDirectory(Path);
        var run = JsonSerializer.SerializeToNode(settings, WireJson.Indented)!.AsObject();
        var place = 0;
        foreach (var property in s_headerFields)
        {
            run.Remove(property);
        }

        foreach (var (name, value) in JsonSerializer.SerializeToNode(header, WireJson.Indented)!.AsObject())
        {
            run.Insert(place++, name, value?.DeepClone());
        }

        AtomicFile.WriteAllText(RunFile, run.ToJsonString(WireJson.Indented));
    }

    /// <exception cref="InputException"><c>run.json</c> is missing, too large, no JSON object, or a field has a wrong type.</exception>
    public (JobHeader Header, TSettings Settings) ReadRun<TSettings>()
    {
        var info = new FileInfo(RunFile);
        if (!info.Exists)
        {
            throw new InputException("There is no run.json in this folder; name the folder of a run.", "run.missing");
        }

        if (info.Length > MaxRunFileBytes)
        {
            throw new InputException($"run.json has {info.Length} bytes, which is more than a run needs; write it again.", "run.too_large");
        }

        try
        {
            var json = File.ReadAllBytes(RunFile);
            var header = JsonSerializer.Deserialize<JobHeader>(json, WireJson.Options) ?? throw new JsonException();
            if (string.IsNullOrEmpty(header.Token) || header.Token.Length > 128)
            {
                throw new InputException("run.json has no token, so a second worker could not be told from the first; start the run again.", "run.token");
            }

            if (header.Output.Contains("..", StringComparison.Ordinal) || System.IO.Path.IsPathRooted(header.Output))
            {
                throw new InputException("run.json: output must be a folder inside the run's own folder.", "run.output");
            }

            return (header, JsonSerializer.Deserialize<TSettings>(json, WireJson.Options) ?? throw new JsonException());
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } p ? p[2..] : null;
            throw field is null
                ? new InputException("run.json is not a JSON object; write it again.", "run.json")
                : new InputException($"run.json: {InputException.Quote(field)} has a value of the wrong type; correct it.", "run.field", field);
        }
    }
}
