using System.Globalization;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>
/// Writes the weights of a Hugging Face folder: <c>model.safetensors</c>, or shards and their index where they are larger than a file may be.
/// Tensors go to the shards in the order of their names, each shard filled before the next, so the same tensors give the same bytes.
/// What was written is read again and compared before anybody is told that it is there.
/// </summary>
internal static class WeightFolder
{
    /// <summary>Bytes of tensors that a file may have (5 GB, as <c>save_pretrained</c> long had it); a tensor that is larger has a file of its own.</summary>
    public const long UsualShard = 5_000_000_000;

    /// <exception cref="InputException">What the disk gives back is not what was written.</exception>
    public static void Write(string folder, IEnumerable<SafetensorsPart> tensors, long maxShardBytes = UsualShard)
    {
        var sums = new Dictionary<string, uint>(StringComparer.Ordinal);
        WriteFiles(folder, Split([.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => Summed(t, sums))], maxShardBytes));
        using var written = WeightFiles.Open(folder);
        if (sums.FirstOrDefault(s => TensorChecksum.Add(TensorChecksum.Start, written.Bytes(s.Key)) != s.Value).Key is { } damaged)
        {
            throw new InputException($"{written.FileOf(damaged)}: the disk gives {damaged} back otherwise than it was written; check the disk.", "checkpoint.not_kept", written.FileOf(damaged), damaged);
        }
    }

    /// <summary>The same tensor; its checksum is noted when it is written.</summary>
    private static SafetensorsPart Summed(SafetensorsPart part, Dictionary<string, uint> sums) => part with
    {
        Write = (span, it) =>
        {
            part.Write(span, it);
            sums[it.Name] = TensorChecksum.Add(TensorChecksum.Start, span);
        },
    };

    private static void WriteFiles(string folder, List<List<SafetensorsPart>> shards)
    {
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, WeightFiles.SingleName), shards[0]);
            return;
        }

        var map = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i]);
            shards[i].ForEach(t => map.Add(t.Name, name));
        }

        // Last: without an index nobody takes a few shards for the whole.
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = shards.Sum(s => s.Sum(t => t.Bytes)) },
            ["weight_map"] = new JsonObject(map),
        };
        AtomicFile.WriteAllText(Path.Combine(folder, WeightFiles.IndexName), index.ToJsonString(WireJson.Indented) + "\n");
    }

    private static List<List<SafetensorsPart>> Split(List<SafetensorsPart> tensors, long maxShardBytes)
    {
        List<List<SafetensorsPart>> shards = [[]];
        var filled = 0L;
        foreach (var tensor in tensors)
        {
            if (shards[^1].Count > 0 && filled + tensor.Bytes > maxShardBytes)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += tensor.Bytes;
        }

        return shards;
    }
}
