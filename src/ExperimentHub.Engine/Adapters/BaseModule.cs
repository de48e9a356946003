namespace ExperimentHub.Engine.Adapters;

/// <summary>What kind of layer a module of the base is; the last has a matrix that adapters do not touch, or none.</summary>
internal enum ModuleKind
{
    Linear,

    /// <summary>GPT-2's: its matrix lies the other way round, (inputs, outputs).</summary>
    Conv1D,
    Embedding,
    Other,
}

/// <summary>A layer of a base model, by its full path.</summary>
/// <param name="Path">As in the names of tensors, without <c>.weight</c>.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Outputs">Width of what leaves it; of an embedding, the width of a row.</param>
/// <param name="Inputs">Width of what enters it; of an embedding, the number of rows.</param>
/// <param name="IsOutput">True for a head that scores words or classes, which <c>all-linear</c> leaves out.</param>
internal sealed record BaseModule(string Path, ModuleKind Kind, long Outputs, long Inputs, bool IsOutput);
