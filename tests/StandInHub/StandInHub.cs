#pragma warning disable IDE0005 // Projects of the web SDK have some of these already.
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ExperimentHub.Tests.StandIn;

/// <summary>A request that the stand-in got.</summary>
internal sealed record StandInRequest(bool ToStorage, string Method, string Path, string? Range, bool HasAuthorization, int Status);

/// <summary>Makes requests fail: <paramref name="Times"/> answers of <paramref name="Status"/>, or bodies that end after some bytes.</summary>
internal sealed record StandInFault(string Path, int Times, int Status = 0, int CutAfter = -1, string? RetryAfter = null)
{
    public int Left { get; set; } = Times;
}

/// <summary>
/// A model hub in this process, with a storage host beside it on another port, over a folder of repositories: it speaks the part of the
/// protocol that downloads need, and refuses what the real one refuses. A token <c>hf_NAME</c> is the user NAME.
/// </summary>
internal sealed partial class StandInHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<StandInRequest> _requests = [];
    private readonly int _pageSize;
    private int _storagePort;

    private StandInHub(WebApplication app, string root, int pageSize)
    {
        _app = app;
        _pageSize = pageSize;
        var models = Path.Combine(root, "models");
        Repositories = Directory.EnumerateDirectories(models).SelectMany(Directory.EnumerateDirectories)
            .Select(f => new StandInRepository(root, Path.GetRelativePath(models, f).Replace('\\', '/'), f)).ToDictionary(r => r.Name);
    }

    public IReadOnlyDictionary<string, StandInRepository> Repositories { get; }

    public List<StandInFault> Faults { get; } = [];

    /// <summary>While it is not done, files of the storage stop in the middle.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<StandInRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<StandInHub> StartAsync(string root, int pageSize = 1000)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0", "http://127.0.0.1:0");
        var app = builder.Build();
        var hub = new StandInHub(app, root, pageSize);
        app.Run(hub.AnswerAsync);
        await app.StartAsync();
        var addresses = app.Urls.Select(u => new Uri(u)).ToList();
        (hub.Address, hub._storagePort) = (addresses[0], addresses[1].Port);
        return hub;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var toStorage = context.Connection.LocalPort == _storagePort;
        var fault = TakeFault(request.Path);
        try
        {
            if (fault is { Status: > 0 })
            {
                throw new Refusal(fault.Status, "injected fault", RetryAfter: fault.RetryAfter);
            }

            await (toStorage ? AnswerStorageAsync(context, fault) : AnswerHubAsync(context, fault));
        }
        catch (Refusal refusal)
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.Headers["X-Error-Message"] = refusal.Text;
            if (refusal.Code is not null)
            {
                context.Response.Headers["X-Error-Code"] = refusal.Code;
            }

            if (refusal.RetryAfter is not null)
            {
                context.Response.Headers.RetryAfter = refusal.RetryAfter;
            }

            await context.Response.WriteAsJsonAsync(new { error = refusal.Text });
        }
        finally
        {
            lock (_requests)
            {
                _requests.Add(new StandInRequest(toStorage, request.Method, request.Path, request.Headers.Range.FirstOrDefault(), request.Headers.Authorization.Count > 0, context.Response.StatusCode));
            }
        }
    }

    private async Task AnswerHubAsync(HttpContext context, StandInFault? fault)
    {
        var path = context.Request.Path.Value!;
        if (RevisionPath().Match(path) is { Success: true } info)
        {
            var (_, commit) = Find(context, info.Groups[1].Value, info.Groups[2].Value);
            await context.Response.WriteAsJsonAsync(new { sha = commit.Id });
        }
        else if (TreePath().Match(path) is { Success: true } tree)
        {
            await AnswerTreeAsync(context, Find(context, tree.Groups[1].Value, tree.Groups[2].Value).Commit);
        }
        else if (ResolvePath().Match(path) is { Success: true } resolve)
        {
            var (commit, file) = FindFile(context, resolve.Groups[1].Value, resolve.Groups[2].Value, resolve.Groups[3].Value);
            context.Response.Headers["X-Repo-Commit"] = commit.Id;
            context.Response.Headers["X-Linked-ETag"] = $"\"{(file.IsStoredApart ? file.Sha256 : file.GitId)}\"";
            context.Response.Headers["X-Linked-Size"] = file.Content.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.StatusCode = file.IsStoredApart ? 302 : 307;
            context.Response.Headers.Location = file.IsStoredApart
                ? $"http://127.0.0.1:{_storagePort}/lfs/{file.Sha256}?Signature=stand-in"
                : $"/api/resolve-cache/models/{resolve.Groups[1].Value}/{commit.Id}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}?etag=%22{file.GitId}%22";
        }
        else if (CachePath().Match(path) is { Success: true } cache)
        {
            await SendAsync(context, FindFile(context, cache.Groups[1].Value, cache.Groups[2].Value, cache.Groups[3].Value).File, fault);
        }
        else
        {
            throw new Refusal(404, "Sorry, we can't find the page you are looking for.");
        }
    }

    private async Task AnswerTreeAsync(HttpContext context, StandInCommit commit)
    {
        var folders = commit.Files.Keys.SelectMany(p => p.Split('/').SkipLast(1).Select((_, i) => string.Join('/', p.Split('/').Take(i + 1)))).Distinct().Order(StringComparer.Ordinal);
        var entries = folders.Select(f => (object)new { type = "directory", oid = new string('0', 40), size = 0, path = f })
            .Concat(commit.Files.Values.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => f.IsStoredApart
                ? (object)new { type = "file", oid = f.GitId, size = f.Content.Length, path = f.Path, lfs = new { oid = f.Sha256, size = f.Content.Length, pointerSize = f.Pointer.Length } }
                : new { type = "file", oid = f.GitId, size = f.Content.Length, path = f.Path })).ToList();
        var from = int.TryParse(context.Request.Query["cursor"], out var cursor) ? cursor : 0;
        if (from + _pageSize < entries.Count)
        {
            context.Response.Headers.Link = $"<http://{context.Request.Host}{context.Request.Path}?recursive=true&cursor={from + _pageSize}>; rel=\"next\"";
        }

        await context.Response.WriteAsJsonAsync(entries.Skip(from).Take(_pageSize));
    }

    /// <summary>Signed addresses carry their own right: a second credential is an error, as with S3.</summary>
    private async Task AnswerStorageAsync(HttpContext context, StandInFault? fault)
    {
        if (context.Request.Headers.Authorization.Count > 0)
        {
            throw new Refusal(400, "Only one auth mechanism allowed");
        }

        var id = context.Request.Path.Value!.Split('/')[^1];
        var file = Repositories.Values.SelectMany(r => new[] { r.Find("main")! }).SelectMany(c => c.Files.Values).FirstOrDefault(f => f.IsStoredApart && f.Sha256 == id);
        await SendAsync(context, file ?? throw new Refusal(404, "NoSuchKey"), fault);
    }

    private async Task SendAsync(HttpContext context, StandInFile file, StandInFault? fault)
    {
        var from = 0;
        if (context.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault()?.From is { } first)
        {
            if (first >= file.Content.Length)
            {
                context.Response.StatusCode = 416;
                return;
            }

            from = (int)first;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{file.Content.Length - 1}/{file.Content.Length}";
        }

        var body = file.Content.AsMemory(from);
        context.Response.ContentLength = body.Length;
        if (fault is { CutAfter: >= 0 } && fault.CutAfter < body.Length)
        {
            await context.Response.Body.WriteAsync(body[..fault.CutAfter]);
            await context.Response.Body.FlushAsync();
            await Task.Delay(50);   // an abort takes along what the client has not read yet
            context.Abort();
            return;
        }

        if (file.IsStoredApart && !Gate.IsCompleted)
        {
            await context.Response.Body.WriteAsync(body[..(body.Length / 2)]);
            await context.Response.Body.FlushAsync();
            await Gate.WaitAsync(context.RequestAborted);
            body = body[(body.Length / 2)..];
        }

        await context.Response.Body.WriteAsync(body);
    }

    private (StandInRepository Repository, StandInCommit Commit) Find(HttpContext context, string name, string revision)
    {
        var user = UserOf(context);
        var repository = Repositories.GetValueOrDefault(name);
        if (repository?.ShowsTo(user) != true)
        {
            // A hub does not say whether a repository exists to those who may not see it.
            throw user is null ? new Refusal(401, "Invalid username or password.", "RepoNotFound") : new Refusal(404, "Repository not found", "RepoNotFound");
        }

        revision = Uri.UnescapeDataString(revision);
        return (repository, repository.Find(revision) ?? throw new Refusal(404, $"Invalid rev id: {revision}", "RevisionNotFound"));
    }

    private (StandInCommit Commit, StandInFile File) FindFile(HttpContext context, string name, string revision, string path)
    {
        var (repository, commit) = Find(context, name, revision);
        var user = UserOf(context);
        if (!repository.OpensTo(user))
        {
            throw user is null
                ? new Refusal(401, $"Access to model {name} is restricted. You must have access to it and be authenticated to access it. Please log in.", "GatedRepo")
                : new Refusal(403, $"Access to model {name} is restricted and you are not in the authorized list.", "GatedRepo");
        }

        return (commit, commit.Files.GetValueOrDefault(path) ?? throw new Refusal(404, "Entry not found", "EntryNotFound"));
    }

    private static string? UserOf(HttpContext context) => context.Request.Headers.Authorization.FirstOrDefault() is not { } header ? null
        : Token().Match(header) is { Success: true } match ? match.Groups[1].Value
        : throw new Refusal(401, "Invalid credentials in Authorization header");

    private StandInFault? TakeFault(string path)
    {
        lock (Faults)
        {
            var fault = Faults.FirstOrDefault(f => f.Left > 0 && Regex.IsMatch(path, f.Path));
            if (fault is not null)
            {
                fault.Left--;
            }

            return fault;
        }
    }

    [GeneratedRegex(@"\A/api/models/(.+?)/revision/(.+)\z")]
    private static partial Regex RevisionPath();

    [GeneratedRegex(@"\A/api/models/(.+?)/tree/([^/]+)\z")]
    private static partial Regex TreePath();

    [GeneratedRegex(@"\A/api/resolve-cache/models/(.+?)/([0-9a-f]{40})/(.+)\z")]
    private static partial Regex CachePath();

    [GeneratedRegex(@"\A/(?!api/)(.+?)/resolve/([^/]+)/(.+)\z")]
    private static partial Regex ResolvePath();

    [GeneratedRegex(@"\ABearer hf_([A-Za-z0-9_-]+)\z")]
    private static partial Regex Token();

#pragma warning disable CA1064 // it never leaves this class
    private sealed class Refusal(int status, string text, string? code = null, string? RetryAfter = null) : Exception(text)
#pragma warning restore CA1064
    {
        public int Status { get; } = status;

        public string Text { get; } = text;

        public string? Code { get; } = code;

        public string? RetryAfter { get; } = RetryAfter;
    }
}
