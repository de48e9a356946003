using System.Text.Json;

namespace ExperimentHub.Hostile.Pack;

/// <summary>One line of a folder's <c>index.jsonl</c>: a file or folder, what is wrong with it, and what is expected of whoever reads it.</summary>
internal sealed record HostileCase
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Group { get; init; }

    public required string Technique { get; init; }

    /// <summary>Relative to the pack; null where there is no file.</summary>
    public string? Path { get; init; }

    /// <summary><c>gzip</c>: stored compressed only to save space.</summary>
    public string? Unpack { get; init; }

    /// <summary>The name under which the product meets the file.</summary>
    public string? As { get; init; }

    public string? UploadName { get; init; }

    /// <summary>A folder of the pack over a copy of which the file or folder is laid, after <see cref="Without"/> is taken out.</summary>
    public string? Base { get; init; }

    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Adapters: the folder of the pack with their base model.</summary>
    public string? On { get; init; }

    /// <summary>Archives: <c>dataset</c> or <c>model</c>.</summary>
    public string? ImportAs { get; init; }

    public required string Expect { get; init; }

    public IReadOnlyList<string> AlsoOk { get; init; } = [];

    public IReadOnlyList<string> MustName { get; init; } = [];

    public IReadOnlyList<string> MustNotShow { get; init; } = [];

    public int LimitMb { get; init; } = 64;

    public double Seconds { get; init; } = 5;

    /// <summary>A file of this name proves that something was executed, or written outside.</summary>
    public string? Marker { get; init; }

    /// <summary>A text, or a rule that makes one.</summary>
    public JsonElement? Encode { get; init; }

    /// <summary>Chat templates: variables instead of the usual ones.</summary>
    public JsonElement? Context { get; init; }

    public JsonElement? Facts { get; init; }

    public IReadOnlyList<RunPatch> Patch { get; init; } = [];

    public bool IsControl => Technique.StartsWith("control", StringComparison.Ordinal);

    /// <summary>The name that a person gave the file.</summary>
    public string FileName => UploadName ?? As ?? System.IO.Path.GetFileName(Path!);

    public JsonElement? Fact(string name) => Facts is { } facts && facts.TryGetProperty(name, out var fact) ? fact : null;

    /// <summary>The text to encode; null where the case has none.</summary>
    public string? TextToEncode() => Encode switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } rule => string.Concat(Enumerable.Repeat(rule.GetProperty("repeat").GetString()!, rule.GetProperty("times").GetInt32())),
    };
}

/// <summary>A field of a run.json that the product wrote, and the JSON text to put there.</summary>
internal sealed record RunPatch(string Field, string Json);
