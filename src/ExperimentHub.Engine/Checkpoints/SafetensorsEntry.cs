namespace ExperimentHub.Engine.Checkpoints;

/// <summary>One tensor in a safetensors file. Its bytes are <c>[Begin, End)</c> of the data that follows the header.</summary>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    public long Elements => (End - Begin) / Type.Size();

    /// <summary><c>[384, 1536]</c></summary>
    public string ShapeText => FormatShape(Shape);

    public static string FormatShape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
