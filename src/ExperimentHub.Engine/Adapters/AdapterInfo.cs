namespace ExperimentHub.Engine.Adapters;

/// <summary>What pages show without opening the adapter.</summary>
public sealed record AdapterInfo
{
    /// <summary>The content hash under which the store holds the folder; empty until it is stored.</summary>
    public string Hash { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Content hash of the base that it was held against.</summary>
    public required string Base { get; init; }

    /// <summary><c>peft_type</c> of PEFT, or <c>DORA</c> for a LoRA that is one.</summary>
    public required string Method { get; init; }

    /// <summary><c>task_type</c> of PEFT; null where the file has none.</summary>
    public string? Task { get; init; }

    /// <summary>Inner width of its matrices; null for methods without one.</summary>
    public int? Rank { get; init; }

    public double? Alpha { get; init; }

    /// <summary>Vectors before the text; null for methods without them.</summary>
    public int? VirtualTokens { get; init; }

    /// <summary>Last names of the modules that it changes.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>How many modules those are.</summary>
    public int Modules { get; init; }

    /// <summary>Tensors of the base that it replaces as a whole.</summary>
    public IReadOnlyList<string> Saved { get; init; } = [];

    public long Parameters { get; init; }

    public long Bytes { get; init; }

    /// <summary>False for prompts and prefixes, which are no part of the weights.</summary>
    public bool CanMerge { get; init; }

    /// <summary>What it was trained on, as its own file says.</summary>
    public string? MadeOn { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>What a person should know though it fits, one sentence each.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];
}
