using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ExperimentHub.Engine.Starters;

/// <summary>Reads resources out of a .NET assembly as data. The assembly is never loaded: no code of it can run.</summary>
internal static class AssemblyResources
{
    /// <summary>The resource whose name ends with <paramref name="nameEnd"/>.</summary>
    internal static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> assembly, string nameEnd)
    {
        using var reader = new PEReader(System.Collections.Immutable.ImmutableArray.Create(assembly.Span));
        var metadata = reader.GetMetadataReader();
        foreach (var handle in metadata.ManifestResources)
        {
            var resource = metadata.GetManifestResource(handle);
            if (metadata.GetString(resource.Name).EndsWith(nameEnd, StringComparison.Ordinal) && resource.Implementation.IsNil)
            {
                reader.PEHeaders.TryGetDirectoryOffset(reader.PEHeaders.CorHeader!.ResourcesDirectory, out var directory);
                var start = checked(directory + (int)resource.Offset);
                var length = BinaryPrimitives.ReadInt32LittleEndian(assembly.Span[start..]);
                return assembly.Slice(start + 4, length);
            }
        }

        throw new InputException($"The starter's package has no resource '{nameEnd}'; restore the package again.", "starter.resource", nameEnd);
    }
}
