using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>A learned vocabulary: tokens in the order of their ids, and the merges in order.</summary>
public sealed record BytePairVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges)
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>vocab.json</c> and <c>merges.txt</c> as the tokenizers library does.</summary>
    public void Save(string folder)
    {
        var entries = Tokens.Select((token, id) => $"{JsonSerializer.Serialize(token, s_options)}:{id}");
        File.WriteAllText(Path.Combine(folder, BytePairFiles.VocabularyName), $"{{{string.Join(',', entries)}}}");
        var merges = new StringBuilder("#version: 0.2\n");
        foreach (var (left, right) in Merges)
        {
            merges.Append(left).Append(' ').Append(right).Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, BytePairFiles.MergesName), merges.ToString());
    }
}
