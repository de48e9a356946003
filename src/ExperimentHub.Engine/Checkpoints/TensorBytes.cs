using static TorchSharp.torch;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>Between torch tensors and the bytes of safetensors files.</summary>
internal static class TensorBytes
{
    /// <summary>Bytes that are copied at a time; a multiple of every element's size.</summary>
    private const int Piece = 8 << 20;

    public static ScalarType ToTorch(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => ScalarType.Float64,
        SafetensorsType.F32 => ScalarType.Float32,
        SafetensorsType.F16 => ScalarType.Float16,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.I64 => ScalarType.Int64,
        SafetensorsType.I32 => ScalarType.Int32,
        SafetensorsType.I16 => ScalarType.Int16,
        SafetensorsType.I8 => ScalarType.Int8,
        SafetensorsType.U8 => ScalarType.Byte,
        _ => ScalarType.Bool,
    };

    public static SafetensorsType ToSafetensors(this ScalarType type) => type switch
    {
        ScalarType.Float64 => SafetensorsType.F64,
        ScalarType.Float32 => SafetensorsType.F32,
        ScalarType.Float16 => SafetensorsType.F16,
        ScalarType.BFloat16 => SafetensorsType.BF16,
        ScalarType.Int64 => SafetensorsType.I64,
        ScalarType.Int32 => SafetensorsType.I32,
        ScalarType.Int16 => SafetensorsType.I16,
        ScalarType.Int8 => SafetensorsType.I8,
        ScalarType.Byte => SafetensorsType.U8,
        ScalarType.Bool => SafetensorsType.Bool,
        _ => throw new NotSupportedException($"Tensors of type {type} are not saved."),
    };

    /// <summary>A copy of one tensor of a file, in the type it was saved in.</summary>
    public static Tensor Read(this SafetensorsFile file, string name) => ToTensor(file.Entries[name], file.Bytes(file.Entries[name]));

    public static Tensor Read(this WeightFiles weights, string name) => ToTensor(weights.Find(name)!, weights.Bytes(name));

    /// <summary>
    /// Copies the numbers of a tensor into <paramref name="target"/>, contiguous in the processor's memory and of as many elements, in the type
    /// of that one. It goes piece by piece and forgets each, so the copy is all that takes memory.
    /// </summary>
    public static void CopyTo(this WeightFiles weights, string name, Tensor target)
    {
        var type = weights.Find(name)!.Type;
        var bytes = weights.Bytes(name);
        using var numbers = target.view(-1);
        for (var from = 0; from < bytes.Length; from += Piece)
        {
            var piece = bytes[from..Math.Min(from + Piece, bytes.Length)];
            using var part = numbers.narrow(0, from / type.Size(), piece.Length / type.Size());
            if (part.dtype == type.ToTorch())
            {
                piece.CopyTo(part.bytes);
            }
            else
            {
                using var values = ToTensor(type, [part.NumberOfElements], piece);
                part.copy_(values);
            }

            weights.Forget(name, piece);
        }
    }

    /// <summary>A part whose bytes are those of <paramref name="tensor"/> when the file is written; it must live until then.</summary>
    public static SafetensorsPart ToPart(this Tensor tensor, string name) =>
        new(name, tensor.dtype.ToSafetensors(), tensor.shape, (span, _) =>
        {
            using var whole = tensor.detach().cpu().contiguous();
            whole.bytes.CopyTo(span);
        });

    /// <summary>A copy of the bytes of a tensor.</summary>
    public static Tensor ToTensor(SafetensorsEntry entry, ReadOnlySpan<byte> bytes) => ToTensor(entry.Type, [.. entry.Shape], bytes);

    private static Tensor ToTensor(SafetensorsType type, long[] shape, ReadOnlySpan<byte> bytes)
    {
        var tensor = empty(shape, type.ToTorch());
        if (bytes.Length > 0)
        {
            bytes.CopyTo(tensor.bytes);
        }

        return tensor;
    }
}
