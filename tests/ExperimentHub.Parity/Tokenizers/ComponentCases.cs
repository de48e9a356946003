using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Single normalisers, pre-tokenisers, decoders and character maps, each from its entry in tokenizer.json.</summary>
internal static class ComponentCases
{
    public static void Run(string path, string name, Tally tally)
    {
        Lines("normalizers.jsonl", Normalizer);
        Lines("pre_tokenizers.jsonl", PreTokenizer);
        Lines("decoders.jsonl", Decoder);
        Lines("precompiled.jsonl", line => PrecompiledCases.Check(path, line));
        UnicodeCases.Run(Path.Combine(path, "unicode.json"), $"{name}/unicode.json", tally);

        void Lines(string file, Func<JsonElement, string?> check)
        {
            foreach (var (number, line) in ParityFolder.Lines(Path.Combine(path, file)))
            {
                tally.Case($"{name}/{file}:{number}", () => check(line));
            }
        }
    }

    public static string Normalize(Normalizer normalizer, string text)
    {
        var (source, target) = (new NormalizedText(), new NormalizedText());
        source.Set(text, 0);
        target.ClearFor(source);
        normalizer.Normalize(source, target);
        return target.Chars.ToString();
    }

    public static (NormalizedText Text, IReadOnlyList<Piece> Pieces) PreTokenize(PreTokenizer preTokenizer, string text)
    {
        var source = new NormalizedText();
        source.Set(text, 0);
        var cut = new PreTokenizedText();
        cut.Start(source, new(0, source.Length));
        preTokenizer.Apply(cut);
        return (cut.Text, cut.Pieces);
    }

    public static JsonFile Config(JsonElement line) => JsonFile.Parse("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(line.GetProperty("config")));

    private static string? Normalizer(JsonElement line)
    {
        using var file = Config(line);
        var actual = Normalize(new ComponentReader(file).Normalizer(file.Root)!, line.GetProperty("text").GetString()!);
        return Differ(line.GetProperty("normalized").GetString()!, actual, line);
    }

    private static string? PreTokenizer(JsonElement line)
    {
        using var file = Config(line);
        var text = line.GetProperty("text").GetString()!;
        var (cut, pieces) = PreTokenize(new ComponentReader(file).PreTokenizer(file.Root)!, text);
        var expected = line.GetProperty("pieces").EnumerateArray().Select(p => p.GetString()!).ToList();
        var actual = pieces.Select(p => cut.Chars[p.Start..p.End].ToString()).ToList();
        if (!expected.SequenceEqual(actual))
        {
            return $"{file.Root}: '{string.Join('|', actual)}', not '{string.Join('|', expected)}'";
        }

        var points = line.GetProperty("offsets").EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32())).ToList();
        var units = line.GetProperty("offsets_utf16") is { ValueKind: JsonValueKind.Array } utf16 ? [.. utf16.EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))] : points;
        for (var i = 0; i < pieces.Count; i++)
        {
            var place = (cut.Start(pieces[i].Start), cut.End(pieces[i].End - 1));
            var converted = Utf16Offsets.ToCodePoints(text, [place.Item1, place.Item2]);
            if (place != units[i] || (converted[0], converted[1]) != points[i])
            {
                return $"{file.Root}: piece {i} '{actual[i]}' at {place}, not {units[i]}";
            }
        }

        return null;
    }

    private static string? Decoder(JsonElement line)
    {
        using var file = Config(line);
        var decoder = new DecoderReader(file, new ComponentReader(file)).Read(file.Root);
        var actual = string.Concat(decoder.Decode([.. line.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()!)]));
        return Differ(line.GetProperty("text").GetString()!, actual, line);
    }

    private static string? Differ(string expected, string actual, JsonElement line) =>
        expected == actual ? null : $"{line.GetProperty("config")}: '{actual}', not '{expected}'";
}
