using System.Text;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>Texts of words, white space, scripts, marks and rare characters, the same for the same seed.</summary>
internal sealed class RandomText(int seed)
{
    private static readonly string[] s_parts =
    [
        "hello", "World", "the", "ing", "McDonald", "HTTPServer", "x", "'s", "'S", "'ſ", "'ll", "'RE", "'", "123", "4", "٣", "½", "Ⅳ", " ", "  ", "\t", "\n", "\r\n", "\u3000", "\u0085", "\u2028",
        "的", "你好世界", "カタカナ", "ひらがな", "한글", "é", "e\u0301", "a\u0328\u0301", "\u0301", "ǅ", "ß", "Σας", "İ", "𝒜", "𝟘", "𠀀", "👍🏽", "👨\u200D👩", "🇨🇳", "नमस्ते", "مرحبا",
        "!", "...", "，", "「", "$", "+=", "_", "-", "/", "\0", "\u0001", "\u00AD", "\uFEFF", "\u200B", "▁", "Ġ", "</s>", "<|end|>",
    ];

    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = new StringBuilder();
        for (var i = _random.Next(0, 25); i > 0; i--)
        {
            text.Append(_random.Next(8) == 0 ? Character() : s_parts[_random.Next(s_parts.Length)]);
        }

        return text.ToString();
    }

    private string Character()
    {
        var value = _random.Next(0, 0x1FFFF);
        return Rune.IsValid(value) ? new Rune(value).ToString() : "?";
    }
}
