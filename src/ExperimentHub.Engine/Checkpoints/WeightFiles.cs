using System.Text.Json;
using ExperimentHub.Engine.Checkpoints.PyTorch;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>
/// The weights of a Hugging Face folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names; where
/// there is neither, <c>pytorch_model.bin</c> or the shards of <c>pytorch_model.bin.index.json</c>, read without running their pickles.
/// </summary>
public sealed class WeightFiles : IDisposable
{
    public const string SingleName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";
    public const string PickleName = "pytorch_model.bin";
    public const string PickleIndexName = "pytorch_model.bin.index.json";

    private const int MaxIndexBytes = 64 << 20;

    // Where a folder has several, the first counts: the order in which Hugging Face's library looks for them.
    private static readonly string[] s_names = [SingleName, IndexName, PickleName, PickleIndexName];

    private readonly List<IWeightFile> _files = [];
    private readonly Dictionary<string, (IWeightFile File, SafetensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    private WeightFiles(string label) => Label = label;

    /// <summary>The file that messages name: the single one, or the index.</summary>
    public string Label { get; }

    public IEnumerable<SafetensorsEntry> Entries => _tensors.Values.Select(t => t.Entry);

    /// <exception cref="InputException">The folder has no weights, or they are damaged or of a kind that is not read.</exception>
    public static WeightFiles Open(string folder)
    {
        var label = Preferred(n => File.Exists(Path.Combine(folder, n)))
            ?? throw new InputException($"The folder has no {SingleName}; choose a folder that Hugging Face's save_pretrained has written.", "checkpoint.no_weights", SingleName);
        var weights = new WeightFiles(label);
        try
        {
            if (label is IndexName or PickleIndexName)
            {
                weights.OpenShards(folder);
            }
            else
            {
                weights.Add(OpenFile(Path.Combine(folder, label)));
            }

            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The name of the file to begin with, of those that <paramref name="exists"/>; null when there is none.</summary>
    internal static string? Preferred(Func<string, bool> exists) => s_names.FirstOrDefault(exists);

    public SafetensorsEntry? Find(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor.Entry : null;

    /// <summary>The name of the file that holds the tensor.</summary>
    public string FileOf(string name) => _tensors[name].File.Name;

    public ReadOnlySpan<byte> Bytes(string name) => _tensors[name].File.Bytes(_tensors[name].Entry);

    /// <summary>These bytes of a tensor are done with; their memory may be had for something else.</summary>
    internal void Forget(string name, ReadOnlySpan<byte> bytes) => _tensors[name].File.Forget(bytes);

    /// <summary>All tensors as they are, to be written while this is open; <paramref name="written"/> gets the bytes of each.</summary>
    internal IEnumerable<SafetensorsPart> ToParts(Action<long>? written = null) => Entries.Select(e => new SafetensorsPart(e.Name, e.Type, e.Shape, (span, part) =>
    {
        Bytes(part.Name).CopyTo(span);
        written?.Invoke(span.Length);
    }));

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static IWeightFile OpenFile(string path) => path.EndsWith(".bin", StringComparison.Ordinal) ? PyTorchFile.Open(path) : SafetensorsFile.Open(path);

    private void Add(IWeightFile file)
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

    private void OpenShards(string folder)
    {
        var ending = Label == IndexName ? ".safetensors" : ".bin";
        var map = ReadIndex(Path.Combine(folder, Label));
        foreach (var shard in map.Values.Distinct(StringComparer.Ordinal))
        {
            // A plain name with the right ending: no folder, no link out of this one, not the index itself.
            if (shard.Length is 0 or > 200 || shard != Path.GetFileName(shard) || shard.Contains('\\') || !shard.EndsWith(ending, StringComparison.Ordinal))
            {
                throw new InputException($"{Label} names {InputException.Quote(shard, 200)}, which is no {ending} file of the same folder.", "checkpoint.index_name", InputException.Quote(shard, 200));
            }

            Add(OpenFile(Path.Combine(folder, shard)));
        }

        foreach (var (name, shard) in map)
        {
            if (!_tensors.TryGetValue(name, out var tensor) || tensor.File.Name != shard)
            {
                throw new InputException($"{Label} promises {InputException.Quote(name, 160)} in {shard}, but it is not there.", "checkpoint.index_promise", InputException.Quote(name, 160), shard);
            }
        }
    }

    private Dictionary<string, string> ReadIndex(string path)
    {
        if (new FileInfo(path).Length > MaxIndexBytes)
        {
            throw new InputException($"{Label} is larger than {MaxIndexBytes >> 20} MB; it is no index of shards.", "checkpoint.index");
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
            throw new InputException($"{Label} has no weight_map from tensor names to file names; export the model again.", "checkpoint.index");
        }
    }
}
