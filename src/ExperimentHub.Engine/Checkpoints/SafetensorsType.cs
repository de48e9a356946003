namespace ExperimentHub.Engine.Checkpoints;

/// <summary>Element types of the safetensors format that we compute with or keep.</summary>
public enum SafetensorsType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

internal static class SafetensorsTypes
{
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 => 2,
        _ => 1,
    };

    public static bool IsFloat(this SafetensorsType type) =>
        type is SafetensorsType.F64 or SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16;

    public static string WireName(this SafetensorsType type) => type == SafetensorsType.Bool ? "BOOL" : type.ToString();

    public static bool TryParse(string name, out SafetensorsType type)
    {
        foreach (var candidate in Enum.GetValues<SafetensorsType>())
        {
            if (candidate.WireName() == name)
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }
}
