using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>A folder with the files of one reference tokenizer, gathered as its meta.json says.</summary>
internal sealed class TokenizerCopy : IDisposable
{
    public TokenizerCopy(string name)
    {
        var source = Shared.Path($"parity/tokenizers/{name}");
        Directory.CreateDirectory(Path);
        var meta = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(source, "meta.json"))).RootElement;
        var madeBy = meta.GetProperty("made_by").GetString()!;
        foreach (var file in meta.GetProperty("files").EnumerateObject())
        {
            var place = file.Value.GetString()!;
            var from = place.StartsWith("shared/", StringComparison.Ordinal) ? Shared.Path(place["shared/".Length..]) : System.IO.Path.Combine(source, place);
            File.Copy(from, System.IO.Path.Combine(Path, file.Name));
        }

        if (madeBy.Contains("BertTokenizer(", StringComparison.Ordinal))
        {
            // Made from vocab.txt with settings that tokenizer_config.json would hold.
            var settings = new JsonObject
            {
                ["do_lower_case"] = madeBy.Contains("do_lower_case=True", StringComparison.Ordinal),
                ["tokenize_chinese_chars"] = !madeBy.Contains("tokenize_chinese_chars=False", StringComparison.Ordinal),
                ["strip_accents"] = madeBy.Contains("strip_accents=True", StringComparison.Ordinal) ? true
                    : madeBy.Contains("strip_accents=False", StringComparison.Ordinal) ? false : null,
            };
            File.Delete(System.IO.Path.Combine(Path, "tokenizer.json"));
            File.Delete(System.IO.Path.Combine(Path, "tokenizer_config.json"));
            File.WriteAllText(System.IO.Path.Combine(Path, "tokenizer_config.json"), settings.ToJsonString());
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("experimenthub-").FullName;

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
