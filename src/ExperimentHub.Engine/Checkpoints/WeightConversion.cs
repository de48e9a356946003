using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>
/// Writes a Hugging Face folder anew: weights of any form as safetensors, in another element type or in shards of another size, and every
/// other file as it is. The folder appears as a whole or not at all.
/// </summary>
public static class WeightConversion
{
    private static readonly string[] s_weightEndings = [".safetensors", ".bin", ".index.json", ".h5", ".msgpack", ".onnx", ".ckpt.index"];

    /// <param name="source">A folder with weights.</param>
    /// <param name="target">A folder that does not exist.</param>
    /// <param name="type">F32, F16 or BF16, for tensors of floating point; null: as they are.</param>
    /// <param name="maxShardBytes">Bytes of tensors that a file may have.</param>
    /// <exception cref="InputException">The source cannot be read, a value does not fit into the type, or the target exists.</exception>
    public static void Run(string source, string target, SafetensorsType? type = null, long maxShardBytes = WeightFolder.UsualShard)
    {
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (Path.Exists(target))
        {
            throw new InputException($"{InputException.Quote(Path.GetFileName(target))} exists already; name a folder that does not.", "checkpoint.target_exists", InputException.Quote(Path.GetFileName(target)));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var temporary = $"{target}.{Guid.NewGuid():n}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            using (var weights = WeightFiles.Open(source))
            {
                WeightFolder.Write(temporary, weights.Entries.Select(e => Convert(weights, e, type)), maxShardBytes);
            }

            CopyOthers(source, temporary, type);
            AtomicFile.MoveDirectory(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static SafetensorsPart Convert(WeightFiles weights, SafetensorsEntry entry, SafetensorsType? type)
    {
        var wanted = entry.Type.IsFloat() ? type ?? entry.Type : entry.Type;
        return new SafetensorsPart(entry.Name, wanted, entry.Shape, (span, _) =>
        {
            if (wanted == entry.Type)
            {
                weights.Bytes(entry.Name).CopyTo(span);
                return;
            }

            using var before = weights.Read(entry.Name);
            using var after = before.to(wanted.ToTorch());
            after.bytes.CopyTo(span);
            if (!FiniteValues.All(wanted, span) && FiniteValues.All(entry.Type, weights.Bytes(entry.Name)))
            {
                throw new InputException($"{weights.FileOf(entry.Name)}: {InputException.Quote(entry.Name, 160)} has values too large for {wanted.WireName()}; choose BF16.", "checkpoint.too_large", weights.FileOf(entry.Name), InputException.Quote(entry.Name, 160), wanted.WireName());
            }
        });
    }

    private static void CopyOthers(string source, string target, SafetensorsType? type)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System }))
        {
            var name = Path.GetRelativePath(source, file);
            if (s_weightEndings.Any(e => name.EndsWith(e, StringComparison.Ordinal)) || name == ModelInfo.FileName)
            {
                continue;
            }

            var copy = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            AtomicFile.Write(copy, stream =>
            {
                using var bytes = File.OpenRead(file);
                bytes.CopyTo(stream);
            });
        }

        if (type is { } stored)
        {
            NameType(Path.Combine(target, "config.json"), stored);
        }
    }

    /// <summary>config.json says in which type the weights are, under the newer name where it has that one.</summary>
    private static void NameType(string file, SafetensorsType type)
    {
        if (!File.Exists(file) || ConfigFields.Read(Path.GetDirectoryName(file)!).Source is not { } config)
        {
            return;
        }

        config[config.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = JsonValue.Create(type switch
        {
            SafetensorsType.F16 => "float16",
            SafetensorsType.BF16 => "bfloat16",
            _ => "float32",
        });
        AtomicFile.WriteAllText(file, config.ToJsonString(WireJson.Indented) + "\n");
    }
}
