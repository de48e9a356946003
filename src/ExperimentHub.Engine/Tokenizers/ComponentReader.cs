using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Builds normalisers and pre-tokenisers from their entries in <c>tokenizer.json</c>.</summary>
internal sealed class ComponentReader(JsonFile file)
{
    private const int MaxComponents = 64;

    private int _components;

    internal Normalizer? Normalizer(JsonElement? element)
    {
        if (element is not { } e)
        {
            return null;
        }

        Count("normalizer");
        var type = file.Text(e, "type");
        return type switch
        {
            "BertNormalizer" => new BertNormalizer(
                file.Flag(e, "clean_text") ?? true,
                file.Flag(e, "handle_chinese_chars") ?? true,
                file.Flag(e, "strip_accents"),
                file.Flag(e, "lowercase") ?? true),
            "Lowercase" => new LowercaseNormalizer(),
            "StripAccents" => new StripAccentsNormalizer(),
            "Strip" => new StripNormalizer(file.Flag(e, "strip_left") ?? true, file.Flag(e, "strip_right") ?? true),
            "NFC" => new UnicodeFormNormalizer(NormalizationForm.FormC),
            "NFD" => new UnicodeFormNormalizer(NormalizationForm.FormD),
            "NFKC" => new UnicodeFormNormalizer(NormalizationForm.FormKC),
            "NFKD" => new UnicodeFormNormalizer(NormalizationForm.FormKD),
            "Sequence" => new SequenceNormalizer([.. file.List(e, "normalizers").Select(n => Normalizer(n) ?? throw file.Unknown("normalizer", null))]),
            _ => throw file.Unknown("normalizer", type),
        };
    }

    internal PreTokenizer? PreTokenizer(JsonElement? element)
    {
        if (element is not { } e)
        {
            return null;
        }

        Count("pre-tokenizer");
        var type = file.Text(e, "type");
        return type switch
        {
            "BertPreTokenizer" => new BertPreTokenizer(),
            "Whitespace" => new WhitespacePreTokenizer(separateWords: true),
            "WhitespaceSplit" => new WhitespacePreTokenizer(separateWords: false),
            "Punctuation" => file.Text(e, "behavior") is null or "Isolated"
                ? new PunctuationPreTokenizer()
                : throw file.Unknown("behavior of Punctuation", file.Text(e, "behavior")),
            "Sequence" => new SequencePreTokenizer([.. file.List(e, "pretokenizers").Select(p => PreTokenizer(p) ?? throw file.Unknown("pre-tokenizer", null))]),
            _ => throw file.Unknown("pre-tokenizer", type),
        };
    }

    private void Count(string what)
    {
        if (++_components > MaxComponents)
        {
            throw new InputException($"{file.Name} has more than {MaxComponents} components ({what}); take the original file.", "tokenizer.components", file.Name);
        }
    }
}
