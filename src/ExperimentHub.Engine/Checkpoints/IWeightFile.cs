namespace ExperimentHub.Engine.Checkpoints;

/// <summary>A file of named tensors: safetensors, or what <c>torch.save</c> wrote.</summary>
internal interface IWeightFile : IDisposable
{
    /// <summary>The file's name without its folder.</summary>
    string Name { get; }

    IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The bytes of one tensor of this file in C order, valid until the file is disposed.</summary>
    ReadOnlySpan<byte> Bytes(SafetensorsEntry entry);

    /// <summary>These bytes of a tensor are done with, see <see cref="MappedFile.Forget"/>.</summary>
    void Forget(ReadOnlySpan<byte> bytes);
}
