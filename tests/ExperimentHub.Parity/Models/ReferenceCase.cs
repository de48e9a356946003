using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>One checkpoint with the values that the reference library computed from it.</summary>
internal sealed class ReferenceCase : IDisposable
{
    private readonly SafetensorsFile _tensors;

    public ReferenceCase(string folder)
    {
        Model = Path.Combine(folder, "model");
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "reference.json")));
        Facts = document.RootElement.Clone();
        _tensors = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
    }

    /// <summary>The checkpoint's folder.</summary>
    public string Model { get; }

    public JsonElement Facts { get; }

    public Closeness Tolerance => Closeness.Read(Facts.GetProperty("tolerance"));

    public Closeness GradientTolerance => Closeness.Read(Facts.GetProperty("gradient_tolerance"));

    /// <summary>Names of the tensors that begin so, in order.</summary>
    public IEnumerable<string> Names(string prefix) => _tensors.Entries.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public bool Has(string name) => _tensors.Entries.ContainsKey(name);

    public Tensor Read(string name) => _tensors.Read(name);

    public Tensor? Find(string name) => Has(name) ? Read(name) : null;

    /// <summary>A text of a JSON file; null when there is no such file or field.</summary>
    public static string? Text(string file, string field)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.TryGetProperty(field, out var value) ? value.GetString() : null;
    }

    public void Dispose() => _tensors.Dispose();
}
