using System.Buffers;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>
/// <c>files.json</c> of a checkpoint: length and CRC-32C of every other file, written last. It tells a checkpoint that a disk or a power loss
/// has damaged from one that can be resumed; it is no protection against a person.
/// </summary>
internal static class CheckpointSeal
{
    public const string FileName = "files.json";

    public static void Write(string folder)
    {
        var files = Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) != FileName).Order(StringComparer.Ordinal)
            .ToDictionary(f => Path.GetFileName(f), Mark);
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(files, WireJson.Indented));
    }

    /// <summary>The name of the first file that is missing or is not what was written; null when all is well.</summary>
    public static string? FindDamage(string folder)
    {
        try
        {
            var seal = Path.Combine(folder, FileName);
            var files = File.Exists(seal) ? JsonSerializer.Deserialize<Dictionary<string, FileMark>>(File.ReadAllBytes(seal), WireJson.Options) : null;
            if (files is not { Count: > 0 })
            {
                return FileName;
            }

            return files.FirstOrDefault(f => !File.Exists(Path.Combine(folder, f.Key)) || Mark(Path.Combine(folder, f.Key)) != f.Value).Key;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return FileName;
        }
    }

    private static FileMark Mark(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            var (length, crc) = (0L, TensorChecksum.Start);
            for (int read; (read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0; length += read)
            {
                var bytes = buffer.AsSpan(0, read);
                crc = TensorChecksum.Add(crc, bytes);
            }

            return new FileMark(length, ~crc);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed record FileMark(long Bytes, uint Crc32C);
}
