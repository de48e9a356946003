using System.Text.Json;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>The weights of a Hugging Face folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
public sealed class WeightFiles : IDisposable
{
    public const string SingleName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";

    private const int MaxIndexBytes = 64 << 20;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    private WeightFiles(string label) => Label = label;

    /// <summary>The file that messages name: the single one, or the index.</summary>
    public string Label { get; }

    public IEnumerable<SafetensorsEntry> Entries => _tensors.Values.Select(t => t.Entry);

    public static WeightFiles Open(string folder)
    {
        var single = Path.Combine(folder, SingleName);
        var index = Path.Combine(folder, IndexName);
        var weights = new WeightFiles(!File.Exists(single) && File.Exists(index) ? IndexName : SingleName);
        try
        {
            if (weights.Label == IndexName)
            {
                weights.OpenShards(folder, index);
            }
            else if (!File.Exists(single))
            {
                throw new InputException(
                    File.Exists(Path.Combine(folder, "pytorch_model.bin"))
                        ? $"The folder has pytorch_model.bin but no {SingleName}; save the model as safetensors (save_pretrained does it)."
                        : $"The folder has no {SingleName}; choose a folder that Hugging Face's save_pretrained has written.",
                    "checkpoint.no_weights", SingleName);
            }
            else
            {
                weights.Add(SafetensorsFile.Open(single));
            }

            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public SafetensorsEntry? Find(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor.Entry : null;

    /// <summary>The name of the file that holds the tensor.</summary>
    public string FileOf(string name) => _tensors[name].File.Name;

    public ReadOnlySpan<byte> Bytes(string name) => _tensors[name].File.Bytes(_tensors[name].Entry);

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private void Add(SafetensorsFile file)
    {
        _files.Add(file);
        foreach (var entry in file.Entries.Values)
        {
            if (!_tensors.TryAdd(entry.Name, (file, entry)))
            {
                throw new InputException($"{InputException.Quote(entry.Name, 160)} is in {_tensors[entry.Name].File.Name} and in {file.Name}; remove one of them.", "checkpoint.twice", InputException.Quote(entry.Name, 160));
            }
        }
    }

    private void OpenShards(string folder, string index)
    {
        var map = ReadIndex(index);
        foreach (var shard in map.Values.Distinct(StringComparer.Ordinal))
        {
            // A plain name with the right ending: no folder, no link out of this one, not the index itself.
            if (shard.Length is 0 or > 200 || shard != Path.GetFileName(shard) || shard.Contains('\\') || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw new InputException($"{IndexName} names {InputException.Quote(shard, 200)}, which is no .safetensors file of the same folder.", "checkpoint.index_name", InputException.Quote(shard, 200));
            }

            Add(SafetensorsFile.Open(Path.Combine(folder, shard)));
        }

        foreach (var (name, shard) in map)
        {
            if (!_tensors.TryGetValue(name, out var tensor) || tensor.File.Name != shard)
            {
                throw new InputException($"{IndexName} promises {InputException.Quote(name, 160)} in {shard}, but it is not there.", "checkpoint.index_promise", InputException.Quote(name, 160), shard);
            }
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        if (new FileInfo(path).Length > MaxIndexBytes)
        {
            throw new InputException($"{IndexName} is larger than {MaxIndexBytes >> 20} MB; it is no index of shards.", "checkpoint.index");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            var map = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var pair in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                map.Add(pair.Name, pair.Value.GetString() ?? "");
            }

            return map;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InputException($"{IndexName} has no weight_map from tensor names to file names; export the model again.", "checkpoint.index");
        }
    }
}
