using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Texts through the character map of a SentencePiece model.</summary>
internal static class PrecompiledCases
{
    public static string? Check(string path, JsonElement line)
    {
        var model = line.GetProperty("model").GetString()!;
        if (ParityFolder.Find(path, model) is not { } file)
        {
            return $"{model} is nowhere";
        }

        var normalizer = new PrecompiledNormalizer(SentencePieceModel.Read(Path.GetFileName(file), File.ReadAllBytes(file)).Normalizer.CharacterMap!);
        var actual = ComponentCases.Normalize(normalizer, line.GetProperty("text").GetString()!);
        var expected = line.GetProperty("tokenizers").GetString()!;
        return actual == expected ? null : $"'{actual}', not '{expected}' for '{line.GetProperty("text")}'";
    }
}
