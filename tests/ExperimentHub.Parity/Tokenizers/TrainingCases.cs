using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Vocabularies learned from the reference's corpus.</summary>
internal static class TrainingCases
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
                tally.Skip($"{name}/{run}", "BPE is not trained yet");
            }
        }
    }

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
