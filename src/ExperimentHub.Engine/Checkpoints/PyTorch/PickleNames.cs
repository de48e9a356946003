using System.Collections.Frozen;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>The whole list of names that a pickle may mention. Names are compared whole: a module that is fine holds others that are not.</summary>
internal static class PickleNames
{
    private static readonly FrozenDictionary<string, object> s_known = new Dictionary<string, object>
    {
        ["collections.OrderedDict"] = PickleFunction.OrderedDictionary,
        ["torch.Size"] = PickleFunction.Size,
        ["torch._utils._rebuild_tensor"] = PickleFunction.Tensor,
        ["torch._utils._rebuild_tensor_v2"] = PickleFunction.Tensor,
        ["torch._utils._rebuild_parameter"] = PickleFunction.Parameter,
        ["torch.DoubleStorage"] = SafetensorsType.F64,
        ["torch.FloatStorage"] = SafetensorsType.F32,
        ["torch.HalfStorage"] = SafetensorsType.F16,
        ["torch.BFloat16Storage"] = SafetensorsType.BF16,
        ["torch.LongStorage"] = SafetensorsType.I64,
        ["torch.IntStorage"] = SafetensorsType.I32,
        ["torch.ShortStorage"] = SafetensorsType.I16,
        ["torch.CharStorage"] = SafetensorsType.I8,
        ["torch.ByteStorage"] = SafetensorsType.U8,
        ["torch.BoolStorage"] = SafetensorsType.Bool,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A <see cref="PickleFunction"/> or a <see cref="SafetensorsType"/>; null for every other name.</summary>
    public static object? Find(string module, string name) => s_known.GetValueOrDefault($"{module}.{name}");
}
