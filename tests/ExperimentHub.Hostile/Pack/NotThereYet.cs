using System.Text.Json;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Hostile.Pack;

/// <summary>Which cases need a format or a model family that the product does not have yet: they are skipped, with the reason.</summary>
internal static class NotThereYet
{
    private static readonly Dictionary<string, string> s_groups = new()
    {
        ["http"] = "the OpenAI-compatible and MLflow endpoints are not there yet",
    };

    private static readonly string[] s_taggedWords = [".conll", ".conllu", ".bio", ".iob", ".iob2"];

    /// <summary>Null: the case can be run.</summary>
    public static string? Reason(HostilePack pack, HostileCase hostile) =>
        s_groups.GetValueOrDefault(hostile.Group)
        ?? (hostile.Kind == "model" ? Family(pack, hostile) : null)
        ?? (hostile.Kind == "dataset" ? Format(pack, hostile) : null)
        ?? (hostile.Kind is "dataset" or "model" or "tokenizer" or "chat_template" or "adapter" or "archive" or "run_config" or "protocol" ? null : $"cases of the kind {hostile.Kind} are not known to this runner");

    private static string? Family(HostilePack pack, HostileCase hostile)
    {
        var config = Path.Combine(pack.Folder, hostile.Base ?? "", "config.json");
        if (hostile.Base is null || !File.Exists(config))
        {
            return null;
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(config));
        var family = json.RootElement.GetProperty("model_type").GetString();
        return ModelFamily.Types.Contains(family!) ? null : $"models of the family {family} are not there yet";
    }

    private static string? Format(HostilePack pack, HostileCase hostile)
    {
        var extension = Path.GetExtension(hostile.FileName).ToUpperInvariant();
        if (extension == ".PARQUET")
        {
            return "Parquet files are not imported yet";
        }

        if (s_taggedWords.Contains(extension, StringComparer.OrdinalIgnoreCase))
        {
            return "files of tagged words (CoNLL) are not imported yet";
        }

        if (extension is not (".JSON" or ".JSONL"))
        {
            return null;
        }

        using var stream = pack.Open(hostile.Path!, hostile.Unpack == "gzip");
        var start = new byte[4096];
        var text = System.Text.Encoding.UTF8.GetString(start, 0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        return text.Contains("\"paragraphs\"", StringComparison.Ordinal) ? "files of questions in the form of SQuAD are not imported yet"
            : text.Contains("\"conversations\"", StringComparison.Ordinal) || text.Contains("\"messages\"", StringComparison.Ordinal) ? "conversations are not imported yet"
            : null;
    }
}
