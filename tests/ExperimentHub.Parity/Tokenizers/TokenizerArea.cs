using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Cases of tokenizers: whole ones, their components, and training.</summary>
internal static class TokenizerArea
{
    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var tokenizer in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            var name = folder.Name(tokenizer);
            if (!tally.Wants(name))
            {
                continue;
            }

            switch (Path.GetFileName(tokenizer))
            {
                case "components":
                    ComponentCases.Run(tokenizer, name, tally);
                    break;
                case "training":
                    TrainingCases.Run(tokenizer, name, tally);
                    break;
                default:
                    RunTokenizer(tokenizer, name, tally);
                    break;
            }
        }
    }

    private static void RunTokenizer(string path, string name, Tally tally)
    {
        using var files = new ReferenceFolder(path);
        RunSentencePiece(path, files.Path, name, tally);
        Tokenizer? tokenizer = null;
        tally.Case($"{name}/meta.json", () =>
        {
            if (files.Missing is { } missing)
            {
                return $"{missing} is nowhere";
            }

            tokenizer = Tokenizer.Load(files.Path);
            return null;
        });
        tokenizer ??= files.Missing is null && TryLoad(files.Path) is { } loaded ? loaded : null;
        if (tokenizer is null)
        {
            return;   // the case above tells why
        }

        Lines("cases.jsonl", line => SingleCases.Check(tokenizer, line));
        Lines("batches.jsonl", line => BatchCases.Check(tokenizer, line));
        Lines("decode.jsonl", line => DecodeCases.Check(tokenizer, line));
        Lines("streaming.jsonl", line => DecodeCases.CheckStream(tokenizer, line));
        Lines("differences.jsonl", line => SingleCases.CheckDifference(tokenizer, line));

        void Lines(string file, Func<System.Text.Json.JsonElement, string?> check)
        {
            foreach (var (number, value) in ParityFolder.Lines(Path.Combine(path, file)))
            {
                tally.Case($"{name}/{file}:{number}", () => check(value));
            }
        }
    }

    /// <summary>A model that cannot be read is the fault of each of its cases.</summary>
    private static void RunSentencePiece(string path, string files, string name, Tally tally)
    {
        var processor = new Lazy<SentencePieceProcessor>(() => SentencePieceProcessor.Load(SentencePieceCases.Model(files) ?? throw new FileNotFoundException("no .model is there")));
        foreach (var (number, line) in ParityFolder.Lines(Path.Combine(path, "sentencepiece.jsonl")))
        {
            tally.Case($"{name}/sentencepiece.jsonl:{number}", () => SentencePieceCases.Check(processor.Value, line));
        }
    }

    /// <summary>For a single case by name (<c>--only</c>), whose loading is no case of its own.</summary>
    private static Tokenizer? TryLoad(string path)
    {
        try
        {
            return Tokenizer.Load(path);
        }
        catch (Engine.InputException)
        {
            return null;   // told by the case of meta.json, which is asked for whenever anything else of the folder is not
        }
    }
}
