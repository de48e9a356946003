using System.Text.Json;

namespace ExperimentHub.Hostile.Pack;

/// <summary>What became of one case in the process that ran it.</summary>
internal sealed record CaseAnswer
{
    public const string Accept = "accept";
    public const string Warn = "accept_with_warning";
    public const string Refuse = "refuse";

    /// <summary>One of the three above, or null when the case ended in a way that nobody may see.</summary>
    public string? Outcome { get; init; }

    /// <summary>The sentence of a refusal, or the warnings.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Other texts that a page would show: names of metrics, lines of the log.</summary>
    public IReadOnlyList<string> Shown { get; init; } = [];

    /// <summary>What held of the facts, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Facts { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What went wrong beside the outcome.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Processor time.</summary>
    public double Seconds { get; init; }

    /// <summary>Peak of the memory above its value before.</summary>
    public double Megabytes { get; init; }

    public static CaseAnswer Accepted(IReadOnlyList<string> warnings) => new() { Outcome = warnings.Count > 0 ? Warn : Accept, Messages = warnings };

    public static CaseAnswer Refused(string sentence) => new() { Outcome = Refuse, Messages = [sentence] };

    public static CaseAnswer Broken(string fault) => new() { Faults = [fault] };

    public CaseAnswer With(string fact, object? value) =>
        this with { Facts = new Dictionary<string, JsonElement>(Facts) { [fact] = JsonSerializer.SerializeToElement(value) } };
}
