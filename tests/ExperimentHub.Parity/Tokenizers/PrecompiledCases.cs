using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Texts through the character map of a SentencePiece model, as each of the two libraries applies it.</summary>
internal static class PrecompiledCases
{
    public static string? Check(string path, JsonElement line)
    {
        var model = line.GetProperty("model").GetString()!;
        if (ParityFolder.Find(path, model) is not { } file)
        {
            return $"{model} is nowhere";
        }

        var read = SentencePieceModel.Read(Path.GetFileName(file), File.ReadAllBytes(file));
        var text = line.GetProperty("text").GetString()!;
        return Differ("tokenizers", ComponentCases.Normalize(new PrecompiledNormalizer(read.Normalizer.CharacterMap!), text))
            ?? Differ("sentencepiece", new SentencePieceProcessor(read).Normalize(text));

        string? Differ(string library, string actual) =>
            line.TryGetProperty(library, out var value) && value.GetString() is var expected && actual != expected ? $"{library}: '{actual}', not '{expected}' for '{text}'" : null;
    }
}
