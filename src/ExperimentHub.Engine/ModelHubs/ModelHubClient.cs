using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>
/// Reads repositories of models from Hugging Face or a mirror that speaks its protocol: resolves a revision, lists files page by page,
/// fetches contents. Size and checksum of a file are in the listing, so none is asked about by itself. Requests are repeated while the hub is busy; redirects are followed by hand, where <see cref="ModelHubAddresses"/>
/// lets them go, and the token stays at the endpoint.
/// </summary>
public sealed partial class ModelHubClient : IDisposable
{
    private const int MostRedirects = 8;
    private const int MostPages = 1000;
    private const int MostFiles = 200_000;
    private const int LargestAnswer = 64 << 20;

    private readonly ModelHubOptions _options;
    private readonly ModelHubAddresses _addresses;
    private readonly HttpClient _http;

    public ModelHubClient(ModelHubOptions options)
    {
        _options = options;
        _addresses = new ModelHubAddresses(options.Endpoint);
        Faults = new ModelHubFaults(options);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = _addresses.ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            MaxResponseHeadersLength = 64,
        })
        { Timeout = Timeout.InfiniteTimeSpan };   // the time between two bytes is what is limited
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("ExperimentHub/1.0");
    }

    public ModelHubOptions Options => _options;

    internal ModelHubFaults Faults { get; }

    /// <summary>The 40 digits of the commit that a revision stands for.</summary>
    /// <exception cref="InputException">There is no such repository or revision, it may not be seen, or the hub cannot be reached.</exception>
    public async Task<string> ResolveAsync(ModelHubSource source, CancellationToken cancellationToken = default)
    {
        if (IsCommit(source.Revision))
        {
            return source.Revision;
        }

        using var answer = await GetAsync(Api(source, $"revision/{Uri.EscapeDataString(source.Revision)}"), source, cancellationToken);
        using var json = await ReadJsonAsync(answer, cancellationToken);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("sha", out var sha) && sha.ValueKind == JsonValueKind.String && IsCommit(sha.GetString()!)
            ? sha.GetString()!
            : throw Faults.Answer("the revision has no commit");
    }

    /// <summary>All files of a commit, those in folders too.</summary>
    /// <exception cref="InputException">As <see cref="ResolveAsync"/>.</exception>
    public async Task<IReadOnlyList<ModelHubFile>> ListAsync(ModelHubSource source, CancellationToken cancellationToken = default)
    {
        var files = new List<ModelHubFile>();
        var next = (Uri?)Api(source, $"tree/{Uri.EscapeDataString(source.Revision)}?recursive=true&expand=false");
        for (var page = 0; next is not null; page++)
        {
            if (page == MostPages || files.Count > MostFiles)
            {
                throw Faults.Answer("the list of files has no end");
            }

            using var answer = await GetAsync(next, source, cancellationToken);
            using var json = await ReadJsonAsync(answer, cancellationToken);
            files.AddRange(Files(json.RootElement));
            next = NextPage(answer);
        }

        return files;
    }

    /// <summary>The content of a file from a byte on. The answer may begin earlier, at 0, where the server knows no ranges: its status tells.</summary>
    /// <exception cref="InputException">As <see cref="ResolveAsync"/>, or there is no such file.</exception>
    internal async Task<HttpResponseMessage> ReadAsync(ModelHubSource source, string path, long from, CancellationToken cancellationToken)
    {
        var uri = At($"{source.Repository}/resolve/{Uri.EscapeDataString(source.Revision)}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
        var answer = await FollowAsync(uri, from, cancellationToken);
        if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return answer;
        }

        using (answer)
        {
            throw IsPassing(answer.StatusCode) ? new ModelHubBusyException(WaitOf(answer)) : Faults.Of(answer, source, path);
        }
    }

    /// <summary>Does something again while the hub is busy or the line breaks; each success of <paramref name="attempt"/> to get further (true) starts the count anew.</summary>
    internal async Task RepeatAsync(Func<CancellationToken, Task<bool>> attempt, Func<bool>? gotFurther, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            InputException fault;
            TimeSpan? asked = null;
            try
            {
                if (await attempt(cancellationToken))
                {
                    return;
                }

                fault = Faults.Offline();
            }
            catch (ModelHubBusyException busy)
            {
                (fault, asked) = (Faults.Busy(), busy.Wait);
            }
            catch (HttpRequestException e) when (e.InnerException is InputException refused)
            {
                throw refused;   // from the callback that connects
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or TimeoutException or IOException { InnerException: SocketException })
            {
                fault = Faults.Offline();
            }

            tries = gotFurther?.Invoke() == true ? 0 : tries;
            var wait = asked ?? (tries < _options.Waits.Count ? _options.Waits[tries] : TimeSpan.Zero);
            if (tries >= _options.Waits.Count || wait > _options.LongestWait)
            {
                throw fault;
            }

            await Task.Delay(wait, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    internal static bool IsCommit(string revision) => revision.Length == 40 && revision.All(char.IsAsciiHexDigitLower);

    private async Task<HttpResponseMessage> GetAsync(Uri uri, ModelHubSource source, CancellationToken cancellationToken)
    {
        HttpResponseMessage? answer = null;
        await RepeatAsync(
            async token =>
            {
                answer = await FollowAsync(uri, 0, token);
                if (IsPassing(answer.StatusCode))
                {
                    var wait = WaitOf(answer);
                    answer.Dispose();
                    throw new ModelHubBusyException(wait);
                }

                return true;
            },
            null,
            cancellationToken);
        if (answer!.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw Faults.Of(answer, source);
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(Uri uri, long from, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops < MostRedirects; hops++)
        {
            _addresses.Check(uri);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.AcceptEncoding.ParseAdd("identity");
            if (_options.Token is { } token && IsEndpoint(uri))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            silence.CancelAfter(_options.Silence);
            HttpResponseMessage answer;
            try
            {
                answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException();
            }

            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            using (answer)
            {
                uri = answer.Headers.Location is { } location ? new Uri(uri, location) : throw Faults.Answer("a redirect leads nowhere");
            }
        }

        throw Faults.Answer("its redirects have no end");
    }

    private async Task<JsonDocument> ReadJsonAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(_options.Silence);
        try
        {
            if (answer.Content.Headers.ContentLength is > LargestAnswer)
            {
                throw Faults.Answer("the list of files is too long");
            }

            await answer.Content.LoadIntoBufferAsync(LargestAnswer, silence.Token);
            return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(silence.Token), new JsonDocumentOptions { MaxDepth = 32 }, silence.Token);
        }
        catch (JsonException)
        {
            throw Faults.Answer("it sends no JSON");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Faults.Offline();
        }
    }

    private List<ModelHubFile> Files(JsonElement tree)
    {
        try
        {
            return [.. tree.EnumerateArray().Where(e => e.GetProperty("type").GetString() == "file").Select(e => new ModelHubFile(
                e.GetProperty("path").GetString()!,
                e.GetProperty("size").GetInt64(),
                e.GetProperty("oid").GetString()!,
                e.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object ? lfs.GetProperty("oid").GetString() : null))];
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Faults.Answer("the list of files has another form");
        }
    }

    /// <summary><c>Link: &lt;address&gt;; rel="next"</c>. A mirror hands on the address of the hub that it mirrors; the page is asked of the mirror.</summary>
    private Uri? NextPage(HttpResponseMessage answer)
    {
        var link = answer.Headers.TryGetValues("Link", out var values) ? NextLink().Match(string.Join(", ", values)) : Match.Empty;
        return !link.Success ? null
            : Uri.TryCreate(_options.Endpoint, link.Groups[1].Value, out var next) ? new Uri(_options.Endpoint, next.PathAndQuery)
            : throw Faults.Answer("the next page of the list lies nowhere");
    }

    private static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>What <c>Retry-After</c> or <c>RateLimit: …;t=SECONDS</c> asks for, and a second more, so as not to come too early.</summary>
    private static TimeSpan? WaitOf(HttpResponseMessage answer)
    {
        var seconds = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta.TotalSeconds,
            { Date: { } date } => (date - DateTimeOffset.UtcNow).TotalSeconds,
            _ => (double?)null,
        };
        if (seconds is null && answer.Headers.TryGetValues("RateLimit", out var limits))
        {
            var part = limits.SelectMany(l => l.Split(';')).Select(p => p.Trim()).FirstOrDefault(p => p.StartsWith("t=", StringComparison.Ordinal));
            seconds = part is not null && int.TryParse(part[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var t) ? t : null;
        }

        return seconds is { } wait ? TimeSpan.FromSeconds(Math.Clamp(wait, 0, 1e6) + 1) : null;
    }

    private bool IsEndpoint(Uri uri) => Uri.Compare(uri, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Uri Api(ModelHubSource source, string rest) => At($"api/models/{source.Repository}/{rest}");

    private Uri At(string path) => new($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    [GeneratedRegex("<([^>]*)>\\s*;\\s*rel=\"next\"")]
    private static partial Regex NextLink();
}

/// <summary>The hub asks to come back later.</summary>
internal sealed class ModelHubBusyException(TimeSpan? wait) : Exception
{
    public TimeSpan? Wait { get; } = wait;
}
