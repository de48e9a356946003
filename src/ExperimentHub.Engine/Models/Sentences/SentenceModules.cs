using System.Text.Json;

namespace ExperimentHub.Engine.Models.Sentences;

/// <summary>
/// What <c>modules.json</c> of sentence-transformers puts behind an encoder: pooling and, often, scaling to length 1. A folder without it is
/// pooled by the mean, as sentence-transformers does.
/// </summary>
internal sealed record SentenceModules(SentencePooling Pooling, bool Normalises, int? MaxLength)
{
    private const string FileName = "modules.json";

    /// <exception cref="InputException">A module is not known, or a file cannot be read.</exception>
    public static SentenceModules Read(string folder)
    {
        var modules = ReadModules(folder);
        var pooling = SentencePooling.Mean;
        var normalises = false;
        var encoder = folder;
        foreach (var (kind, path) in modules)
        {
            switch (kind)
            {
                case "Transformer":
                    encoder = Path.Combine(folder, path);
                    break;
                case "Pooling":
                    pooling = SentencePooling.Read(ConfigFields.Read(Path.Combine(folder, path)));
                    break;
                case "Normalize":
                    normalises = true;
                    break;
                default:
                    throw Fault("type", $"names the module {InputException.Quote(kind)}; known are Transformer, Pooling and Normalize");
            }
        }

        const string Limits = "sentence_bert_config.json";
        var limits = File.Exists(Path.Combine(encoder, Limits)) ? ConfigFields.Read(encoder, Limits) : null;
        return new SentenceModules(pooling, normalises, limits?.Has("max_seq_length") == true ? limits.Integer("max_seq_length", 1, 1 << 20, 512) : null);
    }

    private static List<(string Kind, string Path)> ReadModules(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            return [.. json.RootElement.EnumerateArray().Select(m => (m.GetProperty("type").GetString()!.Split('.')[^1], PlainName(m.GetProperty("path").GetString()!)))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or NullReferenceException)
        {
            throw Fault("type", "must stand with a path in each object of a list; export the model again");
        }
    }

    /// <summary>A folder inside the model's, or that one itself.</summary>
    private static string PlainName(string path) =>
        path == Path.GetFileName(path) && path is not (".." or ".") && !path.Contains('\\', StringComparison.Ordinal) ? path : throw Fault("path", $"is {InputException.Quote(path)}, which is no folder inside the model's");

    private static InputException Fault(string name, string what) =>
        new($"{FileName}: {name} {what}.", "config.field", FileName, name, what);
}
