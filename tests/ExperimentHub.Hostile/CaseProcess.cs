using System.Diagnostics;
using System.Text.Json;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile;

/// <summary>
/// The process in which cases run, one after the other; a new one when it died or was ended because it did not answer. It measures its
/// own memory, which is warm after the controls of a group.
/// </summary>
internal sealed class CaseProcess(HostilePack pack, string session) : IAsyncDisposable
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(90);

    private readonly HashSet<string> _warm = [];
    private Process? _process;
    private string _lastError = "";

    /// <summary>The temporary folder of the process, which must be empty after each case.</summary>
    public string Temporary { get; } = Directory.CreateDirectory(Path.Combine(session, "tmp")).FullName;

    /// <summary>Runs the controls of a group once a process, without looking at what comes of them.</summary>
    public async Task WarmUpAsync(string group)
    {
        if (!_warm.Add(group))
        {
            return;
        }

        foreach (var control in pack.Cases.Where(c => c.Group == group && c.IsControl && NotThereYet.Reason(pack, c) is null))
        {
            var place = new Workplace(Path.Combine(session, "control"));
            place.Create();
            PackRunner.Lay(pack, control, place);
            await RunAsync(control, place.Root);
            PackRunner.Clear(place.Root);
            ClearTemporary();
            _warm.Add(group);   // a control that ended the process is judged in its turn
        }
    }

    public async Task<CaseAnswer> RunAsync(HostileCase hostile, string root)
    {
        var process = _process ??= Start();
        using var limit = new CancellationTokenSource(s_longestWait);
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new CaseRequest(hostile, root)));
            await process.StandardInput.FlushAsync(limit.Token);
            if (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                return JsonSerializer.Deserialize<CaseAnswer>(line)!;
            }

            await process.WaitForExitAsync(limit.Token);
            var code = process.ExitCode;
            await EndAsync();
            return CaseAnswer.Broken($"the process died with exit code {code}: {_lastError}");
        }
        catch (OperationCanceledException)
        {
            await EndAsync();
            return CaseAnswer.Broken($"no answer within {s_longestWait.TotalSeconds} s");
        }
        catch (IOException)
        {
            await EndAsync();
            return CaseAnswer.Broken($"the process died: {_lastError}");
        }
    }

    public void ClearTemporary()
    {
        PackRunner.Clear(Temporary);
        Directory.CreateDirectory(Temporary);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CaseProcess).Assembly.Location, CaseHost.Switch])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["TMPDIR"] = Temporary;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";   // its sockets would lie in the temporary folder
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, e) => _lastError = string.IsNullOrWhiteSpace(e.Data) ? _lastError : e.Data;
        process.BeginErrorReadLine();
        return process;
    }

    private async Task EndAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        _warm.Clear();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

/// <summary>A line to the process: which case, and where its folders are.</summary>
internal sealed record CaseRequest(HostileCase Case, string Root);
