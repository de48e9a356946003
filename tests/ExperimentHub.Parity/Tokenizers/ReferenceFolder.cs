using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>
/// A folder with the files of one reference tokenizer, gathered as its meta.json says. Where the reference was made from a bare
/// vocabulary with arguments, these stand in a <c>tokenizer_config.json</c>, as transformers would have saved them.
/// </summary>
internal sealed partial class ReferenceFolder : IDisposable
{
    private const string ConfigName = "tokenizer_config.json";

    public ReferenceFolder(string source)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(source, "meta.json")));
        var meta = document.RootElement;
        foreach (var file in meta.GetProperty("files").EnumerateObject())
        {
            if (ParityFolder.Find(source, file.Value.GetString()!) is { } from)
            {
                File.CreateSymbolicLink(System.IO.Path.Combine(Path, file.Name), System.IO.Path.GetFullPath(from));
            }
            else
            {
                Missing = file.Value.GetString();
            }
        }

        if (!File.Exists(System.IO.Path.Combine(Path, ConfigName)))
        {
            File.WriteAllText(System.IO.Path.Combine(Path, ConfigName), Config(meta).ToJsonString());
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("experimenthub-parity-").FullName;

    /// <summary>A file that meta.json names and that is nowhere; null if all are there.</summary>
    public string? Missing { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static JsonObject Config(JsonElement meta)
    {
        var config = new JsonObject { ["tokenizer_class"] = meta.GetProperty("class").GetString() };
        foreach (var token in meta.GetProperty("special_tokens").EnumerateObject())
        {
            config[token.Name] = token.Value.GetString();
        }

        // The arguments stand in made_by: BertTokenizer(vocab=vocab.txt, do_lower_case=True), (tokenizer_config legacy=false).
        foreach (Match match in Argument().Matches(meta.GetProperty("made_by").GetString()!))
        {
            config[match.Groups[1].Value] = match.Groups[2].Value.Equals("true", StringComparison.OrdinalIgnoreCase);
        }

        return config;
    }

    [GeneratedRegex("([a-z_]+)=(true|false|True|False)")]
    private static partial Regex Argument();
}
