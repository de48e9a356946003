using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Vocabularies learned from the reference's corpus.</summary>
internal static partial class TrainingCases
{
    public static void Run(string path, string name, Tally tally)
    {
        foreach (var folder in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            var run = Path.GetFileName(folder);
            if (run == "wordpiece")
            {
                tally.Case($"{name}/{run}", () => WordPiece(path, folder));
            }
            else
            {
                tally.Case($"{name}/{run}", () => BytePair(path, folder));
            }
        }
    }

    /// <summary>Tokens, ids and merges as the reference's. What was asked of it stands in words in meta.json.</summary>
    private static string? BytePair(string path, string folder)
    {
        using var meta = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "meta.json")));
        var run = meta.RootElement.GetProperty(Path.GetFileName(folder));
        var how = run.GetProperty("how").GetString()!;
        var byteLevel = !how.Contains("Metaspace", StringComparison.Ordinal);
        var training = new BytePairTraining
        {
            Size = Number(how, "vocab_size") ?? run.GetProperty("vocab").GetInt32(),
            LeastCount = Number(how, "min_frequency") ?? 0,
            LongestToken = Number(how, "max_token_length") ?? int.MaxValue,
            Special = [.. Special().Match(how).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(t => t.Trim('\''))],
            ByteLevel = byteLevel,
            Pattern = how.Contains("Qwen2", StringComparison.Ordinal) ? Cl100kScanner.OneDigit : null,
        };
        var trainer = new BytePairTrainer(training);
        foreach (var line in Lines(Path.Combine(path, "corpus.txt")))
        {
            // The one without a byte level was made of the lines that are more than 90 % ASCII, without their ends.
            var text = byteLevel ? line : line.TrimEnd('\n');
            if (byteLevel || IsEnglish(text))
            {
                trainer.Add(text);
            }
        }

        var learned = trainer.Train();
        var merges = File.ReadAllText(Path.Combine(folder, "merges.txt")).Split('\n').Where(l => l.Length > 0 && !l.StartsWith("#version", StringComparison.Ordinal)).ToList();
        using var vocabulary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "vocab.json")));
        var tokens = vocabulary.RootElement.EnumerateObject().OrderBy(t => t.Value.GetInt32()).Select(t => t.Name).ToList();
        return Differ("merge", merges, [.. learned.Merges.Select(m => $"{m.Left} {m.Right}")]) ?? Differ("token", tokens, learned.Tokens);
    }

    private static bool IsEnglish(string line) => line.EnumerateRunes().Count() is var count and > 0 && line.EnumerateRunes().Count(r => r.IsAscii) > 0.9 * count;

    private static int? Number(string how, string name) =>
        Regex.Match(how, name + "=(\\d+)") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    private static string? Differ(string what, List<string> expected, IReadOnlyList<string> actual)
    {
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            if (expected[i] != actual[i])
            {
                return $"{what} {i} is '{actual[i]}', not '{expected[i]}'";
            }
        }

        return expected.Count == actual.Count ? null : $"{actual.Count} {what}s, not {expected.Count}";
    }

    [GeneratedRegex(@"special_tokens=\[([^\]]*)\]")]
    private static partial Regex Special();

    /// <summary>The library's own trainer is not deterministic: what it always learns, and the rest of what it sometimes learns.</summary>
    private static string? WordPiece(string path, string folder)
    {
        var trainer = new WordPieceTrainer(1000);
        foreach (var line in Lines(Path.Combine(path, "corpus.english.txt")))
        {
            trainer.Add(line);
        }

        var tokens = trainer.Train();
        var always = Names("always.txt");
        var missing = always.Except(tokens).ToList();
        var foreign = tokens.Except(always).Except(Names("sometimes.txt")).ToList();
        return tokens.Count != 1000 ? $"{tokens.Count} tokens"
            : missing.Count + foreign.Count > 10 ? $"{missing.Count} missing, {foreign.Count} never learned by the reference" : null;

        string[] Names(string file) => File.ReadAllText(Path.Combine(folder, file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Lines with their <c>\n</c>, as the reference saw them.</summary>
    private static IEnumerable<string> Lines(string path)
    {
        var text = File.ReadAllText(path);
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            yield return text[start..end];
            start = end;
        }
    }
}
