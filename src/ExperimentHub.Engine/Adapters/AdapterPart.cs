namespace ExperimentHub.Engine.Adapters;

/// <summary>What an adapter has for one module of the base, by the names of its tensors in the file; null for what it has not.</summary>
/// <param name="Module">Path of the module in the base.</param>
internal sealed record AdapterPart(string Module)
{
    /// <summary>LoRA: (r, inputs); of an embedding (r, rows).</summary>
    public string? Down { get; set; }

    /// <summary>LoRA: (outputs, r).</summary>
    public string? Up { get; set; }

    /// <summary>True for the pair of an embedding.</summary>
    public bool IsEmbedding { get; set; }

    /// <summary>DoRA: (outputs).</summary>
    public string? Magnitude { get; set; }

    /// <summary>IA3: (outputs, 1), or (1, inputs) where the input is scaled.</summary>
    public string? Scale { get; set; }
}
