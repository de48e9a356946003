using System.Diagnostics;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Runs;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Playwright;

namespace ExperimentHub.Benchmarks;

/// <summary>Live runs watched by browsers and by SignalR clients: what the hub needs, how long a page takes, when a point is on the screen.</summary>
internal static class PagesBenchmark
{
    /// <summary>Notes when each number of points was first on the screen: a frame after the chart was given them.</summary>
    private const string WatchChart = """
        () => {
          const plot = document.querySelector('[data-testid="chart-train_loss"] [data-plot]');
          window.seen = [];
          const note = () => { const n = Number(plot.dataset.points); requestAnimationFrame(() => requestAnimationFrame(() => window.seen.push(n, Date.now()))); };
          new MutationObserver(note).observe(plot, { attributes: true, attributeFilter: ['data-points'] });
        }
        """;

    public static async Task<int> RunAsync(Options options)
    {
        var (runs, pages, clients) = (options.Integer("runs", 20), options.Integer("pages", 20), options.Integer("clients", 30));
        var time = TimeSpan.FromMinutes(options.Number("minutes", 10));
        await using var hub = await LiveHub.StartAsync(runs);
        using var stop = new CancellationTokenSource();
        var reporting = hub.ReportAsync(options.Number("rate", 2), stop.Token);
        var connections = new List<HubConnection>();
        var points = new int[clients];
        for (var i = 0; i < clients; i++)
        {
            var client = i;
            connections.Add(await FollowAsync(hub, 1 + (i % runs), count => Interlocked.Add(ref points[client], count), client, stop.Token));
        }

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu"] });
        var (first, cookies) = await OpenAsync(hub, browser, runs, pages);
        var circuits = new List<BlazorCircuit>();
        for (var i = 0; i < options.Integer("circuits", 0); i++)
        {
            circuits.Add(await BlazorCircuit.OpenAsync(hub.Address, $"/runs/{1 + (i % runs)}", cookies));
        }

        await Task.Delay(TimeSpan.FromSeconds(5));   // pages have loaded
        using var memory = new MemoryWatch(hub.ProcessId);
        var (processor, began) = (memory.ProcessorSeconds, Stopwatch.GetTimestamp());
        var loads = await LoadPagesAsync(hub, cookies, runs, time);
        var cores = (memory.ProcessorSeconds - processor) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        var tenths = memory.Tenths;
        await stop.CancelAsync();
        var written = await reporting;

        Say($"{runs} live runs at {options.Number("rate", 2)} reports/s of 10 metrics, {pages} pages in a browser, {circuits.Count} without one, {clients} SignalR clients, {time.TotalMinutes:0.#} min:");
        Say($"  hub {cores:0.00} cores; memory by tenths of the time {string.Join(' ', tenths)} MB, peak {memory.PeakMegabytes} MB");
        Say($"  a run's page, whole answer: {loads}");
        if (first is not null)
        {
            Say($"  from written by the worker to the screen: {Delays(await first.EvaluateAsync<double[]>("window.seen"), written)}");
        }

        Say($"  points each SignalR client got: {(points.Length == 0 ? 0 : points.Min())} to {(points.Length == 0 ? 0 : points.Max())} of {written.Count * 10}");
        Say($"  each page without a browser took {Range(circuits, c => c.Renders)} renders, {Range(circuits, c => c.Calls)} calls, {Range(circuits, c => c.Pushes)} of them new points");
        foreach (var circuit in circuits)
        {
            await circuit.DisposeAsync();
        }

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        return 0;
    }

    private static async Task<HubConnection> FollowAsync(LiveHub hub, int run, Action<int> got, int index, CancellationToken stop)
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(hub.Address + "/hubs/runs", o => o.Headers["Authorization"] = "Bearer " + LiveHub.Key)
            .AddJsonProtocol(o => WireJson.Apply(o.PayloadSerializerOptions))
            .Build();
        await connection.StartAsync(stop);
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await foreach (var notice in connection.StreamAsync<RunNotice>("Follow", run, 0L, stop))
                    {
                        got(notice.NewPoints.Sum(p => p.Steps.Count));
                    }
                }
                catch (OperationCanceledException)
                {
                    // The time is up.
                }
                catch (Exception e)
                {
                    Console.Error.WriteLine($"client {index}: {e.Message}");
                }
            },
            CancellationToken.None);
        return connection;
    }

    private static async Task<(IPage? First, string Cookies)> OpenAsync(LiveHub hub, IBrowser browser, int runs, int pages)
    {
        await using var signingIn = await browser.NewContextAsync(new() { BaseURL = hub.Address });
        var form = await signingIn.NewPageAsync();
        await form.GotoAsync("/account/sign-in");
        await form.GetByTestId("email").FillAsync(LiveHub.Email);
        await form.GetByTestId("password").FillAsync(LiveHub.Password);
        await form.GetByTestId("sign-in").ClickAsync();
        await form.WaitForURLAsync("**/");
        var state = await signingIn.StorageStateAsync();
        var cookies = string.Join("; ", (await signingIn.CookiesAsync()).Select(c => $"{c.Name}={c.Value}"));
        IPage? first = null;
        for (var i = 0; i < pages; i++)
        {
            var context = await browser.NewContextAsync(new() { BaseURL = hub.Address, StorageState = state, ViewportSize = new() { Width = 1440, Height = 900 } });
            var page = await context.NewPageAsync();
            await page.GotoAsync($"/runs/{1 + (i % runs)}", new() { Timeout = 120_000 });
            await page.Locator("[data-testid=\"chart-train_loss\"] [data-points]").WaitForAsync(new() { Timeout = 120_000 });
            if (i == 0)
            {
                first = page;
                await page.EvaluateAsync(WatchChart);
            }
        }

        return (first, cookies);
    }

    /// <summary>A person opens a page every two seconds.</summary>
    private static async Task<Figures> LoadPagesAsync(LiveHub hub, string cookies, int runs, TimeSpan time)
    {
        using var http = new HttpClient { BaseAddress = new Uri(hub.Address) };
        http.DefaultRequestHeaders.Add("Cookie", cookies);
        var loads = new Figures();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(began) < time; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync($"/runs/{1 + (i % runs)}");
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsStringAsync();
            loads.Add(Stopwatch.GetElapsedTime(asked));
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        return loads;
    }

    /// <summary><paramref name="seen"/> holds pairs: points on the screen, milliseconds since 1970. The n-th point is the n-th report.</summary>
    private static Figures Delays(double[] seen, IReadOnlyList<DateTimeOffset> written)
    {
        var delays = new Figures();
        var known = seen.Length > 0 ? (int)seen[0] : 0;
        for (var i = 0; i + 1 < seen.Length; i += 2)
        {
            for (; known < Math.Min((int)seen[i], written.Count); known++)
            {
                delays.Add(DateTimeOffset.FromUnixTimeMilliseconds((long)seen[i + 1]) - written[known]);
            }
        }

        return delays;
    }

    private static string Range(List<BlazorCircuit> circuits, Func<(int Renders, int Calls, int Pushes), int> count) =>
        circuits.Count == 0 ? "0" : FormattableString.Invariant($"{circuits.Min(c => count(c.Counts))} to {circuits.Max(c => count(c.Counts))}");

    private static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
