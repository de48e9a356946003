namespace ExperimentHub.Parity;

/// <summary>Counts cases as they end, and prints a line for each that failed.</summary>
internal sealed class Tally(TextWriter output, string only)
{
    private readonly Dictionary<string, int> _skipped = [];

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>True if a case of this name, or one below this path, is asked for.</summary>
    public bool Wants(string name) =>
        name.StartsWith(only, StringComparison.Ordinal) || only.StartsWith(name + "/", StringComparison.Ordinal);

    /// <summary>Runs one case: what it answers is what differs, and where first; null is a pass.</summary>
    public void Case(string name, Func<string?> run)
    {
        if (!Wants(name))
        {
            return;
        }

        string? fault;
        try
        {
            fault = run();
        }
        catch (Exception e)
        {
            // Whatever a case throws is its fault, and the others still run.
            fault = $"{e.GetType().Name}: {e.Message}";
        }

        if (fault is null)
        {
            Passed++;
            return;
        }

        Failed++;
        output.WriteLine($"{name}: {fault.ReplaceLineEndings(" ")}");
    }

    public void Skip(string name, string reason, int cases = 1)
    {
        if (Wants(name))
        {
            _skipped[reason] = _skipped.GetValueOrDefault(reason) + cases;
        }
    }

    public void WriteSummary()
    {
        foreach (var (reason, count) in _skipped)
        {
            output.WriteLine($"{count} skipped: {reason}.");
        }

        output.WriteLine($"{Passed} passed, {Failed} failed, {_skipped.Values.Sum()} skipped");
    }
}
