using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>One tensor to be written; <paramref name="Write"/> puts its bytes (little-endian, C order) into the span it is given.</summary>
internal sealed record SafetensorsPart(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, SpanAction<byte, SafetensorsPart> Write)
{
    public long Bytes => Shape.Aggregate((long)Type.Size(), (product, size) => checked(product * size));
}

/// <summary>
/// Writes safetensors files as Hugging Face does: largest element type first, then by name; the header padded to a multiple of 8; the
/// metadata <c>format: pt</c>, which transformers asks for. The same tensors give the same bytes.
/// </summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IEnumerable<SafetensorsPart> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var parts = tensors.OrderByDescending(t => t.Type.Size()).ThenBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = Header(parts, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var part in parts)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(checked((int)part.Bytes));
                try
                {
                    var bytes = buffer.AsSpan(0, (int)part.Bytes);
                    part.Write(bytes, part);
                    stream.Write(bytes);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        });
    }

    private static byte[] Header(List<SafetensorsPart> parts, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            foreach (var (name, value) in (metadata ?? new Dictionary<string, string>()).OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            var offset = 0L;
            foreach (var part in parts)
            {
                json.WriteStartObject(part.Name);
                json.WriteString("dtype", part.Type.WireName());
                json.WriteStartArray("shape");
                foreach (var size in part.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += part.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.WrittenCount % 8 != 0)
        {
            buffer.Write(" "u8);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
