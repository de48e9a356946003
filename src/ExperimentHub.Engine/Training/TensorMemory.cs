using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

internal static class TensorMemory
{
    /// <summary>Where the numbers of a contiguous CPU tensor lie; valid as long as the tensor lives and is not resized.</summary>
    public static unsafe nint Address(this Tensor tensor)
    {
        if (!tensor.is_contiguous())
        {
            throw new InvalidOperationException("Only a contiguous tensor is one piece of memory.");
        }

        using var flat = tensor.detach();
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(flat.bytes));
    }
}
