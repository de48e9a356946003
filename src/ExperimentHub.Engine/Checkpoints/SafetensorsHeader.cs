using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>
/// The header of a safetensors file, checked whole: 8 bytes little-endian length N, N bytes of JSON, then the data, which the tensors
/// must tile without hole or overlap. (Format: huggingface/safetensors.)
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int MaxBytes = 100_000_000;

    private const int LengthBytes = 8;
    private const string MetadataName = "__metadata__";

    private readonly string _file;
    private readonly Dictionary<string, SafetensorsEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string file) => _file = file;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Where the data begins in the file.</summary>
    public long DataOffset { get; private set; }

    /// <param name="file">The file's name, for messages.</param>
    /// <param name="start">The file's first bytes: the header at least, if the file holds it.</param>
    /// <param name="length">The file's length.</param>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> start, long length)
    {
        var header = new SafetensorsHeader(file);
        header.Read(start, length);
        return header;
    }

    /// <summary>Bytes of length field and header; refuses what cannot be one.</summary>
    public static int Measure(string file, ReadOnlySpan<byte> start, long length)
    {
        if (length < LengthBytes + 2)
        {
            throw Damaged(file, $"it has only {length} bytes");
        }

        var bytes = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (bytes > MaxBytes || bytes < 2 || (long)bytes > length - LengthBytes)
        {
            throw Damaged(file, $"its header is said to have {bytes} bytes, the whole file has {length}");
        }

        return LengthBytes + (int)bytes;
    }

    private static InputException Damaged(string file, string why) =>
        new($"{file} is not a whole safetensors file: {why}. Copy or export it again.", "checkpoint.damaged", file, why);

    private void Read(ReadOnlySpan<byte> start, long length)
    {
        DataOffset = Measure(_file, start, length);
        var json = start[LengthBytes..(int)DataOffset];
        if (json[0] != (byte)'{' || !Utf8.IsValid(json))
        {
            throw Damaged(_file, "its header is not a JSON object in UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (name == MetadataName)
                {
                    ReadMetadata(ref reader);
                }
                else
                {
                    ReadEntry(name, ref reader, length - DataOffset);
                }
            }

            if (reader.Read())
            {
                throw Damaged(_file, "something follows the object in its header");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Damaged(_file, "its header is not valid JSON of the expected form");
        }

        CheckTiling(length - DataOffset);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Damaged(_file, $"{MetadataName} is no object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Damaged(_file, $"{MetadataName} has a value that is no string ({InputException.Quote(name)})");
            }

            _metadata[name] = reader.GetString()!;
        }
    }

    private void ReadEntry(string name, ref Utf8JsonReader reader, long dataLength)
    {
        var quoted = InputException.Quote(name, 160);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Damaged(_file, $"the entry {quoted} is no object");
        }

        string? typeName = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String:
                    typeName = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(quoted, field, ref reader);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(quoted, field, ref reader);
                    break;
                default:
                    throw Damaged(_file, $"{quoted} has a field that does not belong there ({InputException.Quote(field)})");
            }
        }

        if (typeName is null || shape is null || offsets is not [var begin, var end])
        {
            throw Damaged(_file, $"{quoted} lacks dtype, shape or its two data_offsets");
        }

        if (!SafetensorsTypes.TryParse(typeName, out var type))
        {
            throw new InputException($"{_file}: {quoted} has the type {InputException.Quote(typeName)}, which is not supported; convert the weights to F32, F16 or BF16.", "checkpoint.dtype", _file, quoted, InputException.Quote(typeName));
        }

        var bytes = (UInt128)type.Size();
        foreach (var size in shape)
        {
            // 2^62 elements stop the product long before 128 bits overflow.
            bytes = bytes > long.MaxValue ? bytes : bytes * (UInt128)size;
        }

        if (shape.Contains(0))
        {
            bytes = 0;
        }

        if (begin > end || end > dataLength)
        {
            throw Damaged(_file, $"{quoted} lies at {begin} to {end}, the data has {dataLength} bytes");
        }

        if (bytes != (UInt128)(end - begin) || shape.Any(s => s > int.MaxValue))
        {
            throw Damaged(_file, $"{quoted} has the shape {InputException.Quote(SafetensorsEntry.FormatShape(shape))} and {end - begin} bytes, which do not fit together");
        }

        if (!_entries.TryAdd(name, new SafetensorsEntry(name, type, shape, begin, end)))
        {
            throw Damaged(_file, $"{quoted} stands twice in the header");
        }
    }

    private List<long> ReadNumbers(string entry, string field, ref Utf8JsonReader reader)
    {
        var numbers = new List<long>();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || numbers.Count == 32)
                {
                    throw Damaged(_file, $"{entry} has something else than a few whole numbers from 0 as {field}");
                }

                numbers.Add(number);
            }

            return numbers;
        }

        throw Damaged(_file, $"{entry} has no list as {field}");
    }

    private void CheckTiling(long dataLength)
    {
        var cursor = 0L;
        foreach (var entry in _entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != cursor)
            {
                var fault = entry.Begin < cursor ? "overlaps the tensor before it" : "leaves a hole before it";
                throw Damaged(_file, $"{InputException.Quote(entry.Name, 160)} {fault}");
            }

            cursor = entry.End;
        }

        if (cursor != dataLength)
        {
            throw Damaged(_file, $"its tensors end at byte {cursor}, its data has {dataLength} bytes");
        }
    }
}
