using System.Text.Json;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Finds the tokenizer in a Hugging Face folder, and holds it against the model beside it.</summary>
internal static class TokenizerFolder
{
    private const string JsonName = "tokenizer.json";

    internal static Tokenizer Load(string folder)
    {
        var settings = TokenizerSettings.Read(folder);
        string source;
        TokenizerParts parts;
        if (File.Exists(Path.Combine(folder, JsonName)))
        {
            source = JsonName;
            using var file = JsonFile.Read(folder, JsonName);
            parts = new TokenizerJson(file).Read(settings);
        }
        else if (File.Exists(Path.Combine(folder, VocabularyText.FileName)))
        {
            source = VocabularyText.FileName;
            parts = VocabularyText.Read(folder, settings);
        }
        else if (File.Exists(Path.Combine(folder, BytePairFiles.VocabularyName)) && File.Exists(Path.Combine(folder, BytePairFiles.MergesName)))
        {
            source = BytePairFiles.VocabularyName;
            parts = BytePairFiles.Read(folder, settings);
        }
        else if (Array.Find(SentencePieceFiles.Names, n => File.Exists(Path.Combine(folder, n))) is { } model)
        {
            source = model;
            parts = SentencePieceFiles.Read(folder, model, settings);
        }
        else
        {
            throw new InputException(
                "The folder has no tokenizer: add tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece model.", "tokenizer.missing");
        }

        var tokenizer = new Tokenizer(parts);
        CheckModel(folder, source, tokenizer);
        return tokenizer;
    }

    internal static InputException MissingToken(string fileName, string token) => new(
        $"{fileName}: the special token '{InputException.Quote(token)}' is not in the vocabulary; add it or take the original file.",
        "tokenizer.special_missing",
        fileName,
        InputException.Quote(token));

    internal static InputException UnknownFamily(string fileName, string family) => new(
        $"{fileName} with the class '{InputException.Quote(family)}Tokenizer' of tokenizer_config.json is not supported; add tokenizer.json.",
        "tokenizer.kind",
        fileName,
        InputException.Quote(family));

    private static void CheckModel(string folder, string source, Tokenizer tokenizer)
    {
        using var config = JsonFile.ReadIfPresent(folder, "config.json");
        if (config is null || JsonFile.Member(config.Root, "vocab_size") is not { ValueKind: JsonValueKind.Number } value || !value.TryGetInt32(out var rows))
        {
            return;
        }

        if (tokenizer.IdCount > rows)
        {
            throw new InputException(
                $"{source} has ids up to {tokenizer.IdCount - 1} ({tokenizer.IdCount} tokens), but the model's vocab_size is {rows}; they do not belong together.",
                "tokenizer.larger_than_model",
                source,
                tokenizer.IdCount,
                rows);
        }
    }
}
