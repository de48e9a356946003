using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Workers;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Playground;

/// <summary>One text's answer of a classifier.</summary>
public sealed record Prediction(string Label, double Score, IReadOnlyDictionary<string, double> Scores, int Tokens, bool Truncated);

public sealed record PredictionAnswer(IReadOnlyList<string> Labels, IReadOnlyList<Prediction> Predictions, double Milliseconds);

/// <summary>
/// A piece of a text as the model sees it, as its vocabulary writes it and as people read it; offsets count UTF-16 units.
/// <paramref name="IsBytes"/>: it is a part of a character, shown as bytes; <paramref name="Learned"/>, in a conversation: training on the
/// assistant's words learns from it.
/// </summary>
public sealed record TokenView(int Id, string Text, string Shown, bool IsBytes, int Start, int End, bool Special, bool Learned);

public sealed record TokenizeAnswer(IReadOnlyList<TokenView> Tokens);

/// <summary>A token of a vocabulary, and the two that were joined into it where one was learned so.</summary>
public sealed record VocabularyToken(int Id, string Text, string Shown, bool IsBytes, bool Special, string? Left, string? Right);

public sealed record VocabularyAnswer(int Total, IReadOnlyList<VocabularyToken> Tokens);

/// <summary>A conversation to write with a chat template: the model's own where none is given.</summary>
public sealed record ChatQuestion
{
    public string? Template { get; init; }

    /// <summary>A list of messages.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>A list of schemas, or null.</summary>
    public JsonElement? Tools { get; init; }

    public bool AddGenerationPrompt { get; init; }
}

/// <summary>What the assistant said, in UTF-16 units of the text.</summary>
public sealed record ChatSpan(int Start, int End);

public sealed record ChatAnswer(string Template, string Text, IReadOnlyList<ChatSpan> Spans, IReadOnlyList<TokenView> Tokens);

/// <summary>
/// Keeps models in memory while they are asked for: loads on demand, unloads what was idle, restarts what died. Each lives in a worker of
/// its own; one more, without torch, answers questions about tokens.
/// </summary>
public sealed partial class ServingService(WorkerLauncher launcher, HubPaths paths, IOptions<HubOptions> options, ILogger<ServingService> logger) : BackgroundService
{
    private const string Inspector = "inspect";

    private readonly Dictionary<string, ServedModel> _served = [];
    private readonly SemaphoreSlim _lock = new(1, 1);
    private readonly string _sockets = Directory.CreateTempSubdirectory("experimenthub-").FullName;

    /// <summary>Models in memory, by hash.</summary>
    public IReadOnlyCollection<string> Loaded
    {
        get
        {
            lock (_served)
            {
                return [.. _served.Where(s => s.Key != Inspector && s.Value.IsAlive).Select(s => s.Key)];
            }
        }
    }

    /// <exception cref="Engine.InputException">The model cannot be loaded, or it refused the texts.</exception>
    public async Task<PredictionAnswer> PredictAsync(string modelHash, IReadOnlyList<string> texts, IReadOnlyList<string>? pairs, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(modelHash, "predict", new { texts, text_pairs = pairs }, cancellationToken);
        return answer.Deserialize<PredictionAnswer>(WireJson.Options)!;
    }

    /// <exception cref="Engine.InputException">The tokenizer cannot be loaded, or it refused the text.</exception>
    public async Task<TokenizeAnswer> TokenizeAsync(string modelHash, string text, string? pair, int? maxLength, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(Inspector, "tokenize", new { model = modelHash, text, text_pair = pair, max_length = maxLength }, cancellationToken);
        return answer.Deserialize<TokenizeAnswer>(WireJson.Options)!;
    }

    /// <summary>A conversation as a chat template writes it. The template is a stranger's program: it runs in the worker, within its limits.</summary>
    /// <exception cref="Engine.InputException">The template cannot be read, or refuses the conversation; the second argument is its line.</exception>
    public async Task<ChatAnswer> RenderAsync(string modelHash, ChatQuestion question, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            Inspector,
            "render",
            new { model = modelHash, template = question.Template, messages = question.Messages, tools = question.Tools, add_generation_prompt = question.AddGenerationPrompt },
            cancellationToken);
        return answer.Deserialize<ChatAnswer>(WireJson.Options)!;
    }

    /// <summary>Tokens of a vocabulary that hold <paramref name="search"/>, in the order of their ids.</summary>
    /// <exception cref="Engine.InputException">The tokenizer cannot be loaded.</exception>
    public async Task<VocabularyAnswer> VocabularyAsync(string hash, string search, int from, int count, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(Inspector, "vocabulary", new { model = hash, search, from, count }, cancellationToken);
        return answer.Deserialize<VocabularyAnswer>(WireJson.Options)!;
    }

    /// <exception cref="Engine.InputException">The tokenizer cannot be loaded.</exception>
    public async Task<TokenizerRoles> RolesAsync(string hash, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(Inspector, "roles", new { model = hash }, cancellationToken);
        return answer.Deserialize<TokenizerRoles>(WireJson.Options)!;
    }

    /// <summary>How many tokens each text has, uncut.</summary>
    /// <exception cref="Engine.InputException">The tokenizer cannot be loaded, or it refused the texts.</exception>
    public async Task<IReadOnlyList<int>> CountTokensAsync(string modelHash, IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(Inspector, "count", new { model = modelHash, texts, text_pairs = pairs }, cancellationToken);
        return answer.GetProperty("tokens").Deserialize<List<int>>(WireJson.Options)!;
    }

    public override void Dispose()
    {
        base.Dispose();
        if (!Directory.Exists(_sockets))
        {
            return;   // the container disposes what is registered twice, twice
        }

        foreach (var served in _served.Values)
        {
            served.Dispose();
        }

        foreach (var record in Directory.EnumerateFiles(paths.Serving, "*.json"))
        {
            File.Delete(record);
        }

        Directory.Delete(_sockets, recursive: true);
        _lock.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        EndWhatAKilledHubLeft();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await _lock.WaitAsync(stoppingToken);
            try
            {
                foreach (var (hash, served) in _served.Where(s => DateTime.UtcNow - s.Value.LastUsed > options.Value.UnloadModelsAfter || !s.Value.IsAlive).ToList())
                {
                    Remove(hash, served);
                    LogUnloaded(hash);
                }
            }
            finally
            {
                _lock.Release();
            }
        }
    }

    private async Task<JsonElement> AskAsync(string key, string path, object body, CancellationToken cancellationToken)
    {
        var served = await GetAsync(key, cancellationToken);
        try
        {
            return await served.PostAsync(path, body, cancellationToken);
        }
        catch (HttpRequestException) when (!served.IsAlive)
        {
            served = await GetAsync(key, cancellationToken);   // it died: once more with a fresh one
            return await served.PostAsync(path, body, cancellationToken);
        }
        finally
        {
            served.LastUsed = DateTime.UtcNow;
        }
    }

    private async Task<ServedModel> GetAsync(string key, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (_served.TryGetValue(key, out var served) && served.IsAlive)
            {
                served.LastUsed = DateTime.UtcNow;
                return served;
            }

            if (served is not null)
            {
                Remove(key, served);
            }

            served = Start(key);
            try
            {
                await served.WaitUntilReadyAsync(cancellationToken);
            }
            catch
            {
                served.Dispose();
                throw;
            }

            lock (_served)
            {
                _served[key] = served;
            }

            return served;
        }
        finally
        {
            _lock.Release();
        }
    }

    private ServedModel Start(string key)
    {
        var folder = new JobFolder(Path.Combine(paths.Serving, key));
        if (Directory.Exists(folder.Path))
        {
            Directory.Delete(folder.Path, recursive: true);   // the logs of the time before
        }

        Directory.CreateDirectory(folder.Path);
        var socket = Path.Combine(_sockets, Guid.NewGuid().ToString("n")[..8]);
        var threads = Math.Max(1, Environment.ProcessorCount);
        IReadOnlyList<string> arguments = key == Inspector
            ? ["inspect", "--socket", socket, "--store", paths.Store]
            : ["serve", paths.Model(key), "--socket", socket, "--threads", threads.ToString(CultureInfo.InvariantCulture)];
        var process = launcher.Start(folder, threads, arguments);
        AtomicFile.WriteAllText(Record(key), JsonSerializer.Serialize(process, WireJson.Options));
        return new ServedModel(key, process, socket, folder);
    }

    private void Remove(string key, ServedModel served)
    {
        lock (_served)
        {
            _served.Remove(key);
        }

        served.Dispose();
        File.Delete(Record(key));
    }

    private string Record(string key) => Path.Combine(paths.Serving, key + ".json");

    private void EndWhatAKilledHubLeft()
    {
        foreach (var record in Directory.EnumerateFiles(paths.Serving, "*.json"))
        {
            WorkerLauncher.Kill(JsonSerializer.Deserialize<ProcessIdentity>(File.ReadAllText(record), WireJson.Options));
            File.Delete(record);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Hash} was unloaded")]
    private partial void LogUnloaded(string hash);
}
