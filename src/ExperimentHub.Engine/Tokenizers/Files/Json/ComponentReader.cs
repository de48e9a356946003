using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.ByteLevel;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Builds normalisers and pre-tokenisers from their entries in <c>tokenizer.json</c>.</summary>
internal sealed class ComponentReader(JsonFile file)
{
    private const int MaxComponents = 64;
    private const int LongestPiece = 1_000_000;

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
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Prepend" => new PrependNormalizer(Required(e, "prepend")),
            "Replace" => new ReplaceNormalizer(Pattern(e), Required(e, "content")),
            "Precompiled" => Precompiled(e),
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
            "Punctuation" => new PatternSplitter(new CharacterPattern(UnicodeClasses.IsBertPunctuation), Behavior(e) ?? SplitBehavior.Isolated, invert: false),
            "Digits" => new PatternSplitter(
                new CharacterPattern(UnicodeClasses.IsNumeric),
                file.Flag(e, "individual_digits") ?? false ? SplitBehavior.Isolated : SplitBehavior.Contiguous,
                invert: false),
            "CharDelimiterSplit" => new PatternSplitter(new LiteralPattern(Character(e, "delimiter").ToString()), SplitBehavior.Removed, invert: false),
            "Split" => Split(e),
            "ByteLevel" => new ByteLevelPreTokenizer(file.Flag(e, "add_prefix_space") ?? true, file.Flag(e, "use_regex") ?? true),
            "Metaspace" => new MetaspacePreTokenizer(Character(e, "replacement"), Scheme(e), file.Flag(e, "split") ?? true),
            "UnicodeScripts" => new UnicodeScriptsPreTokenizer(),
            "FixedLength" => new FixedLengthPreTokenizer(Length(e)),
            "Sequence" => new SequencePreTokenizer([.. file.List(e, "pretokenizers").Select(p => PreTokenizer(p) ?? throw file.Unknown("pre-tokenizer", null))]),
            _ => throw file.Unknown("pre-tokenizer", type),
        };
    }

    /// <summary>The pattern of Split and Replace: a text, or a regular expression.</summary>
    internal TextPattern Pattern(JsonElement element)
    {
        if (JsonFile.Member(element, "pattern") is not { } pattern)
        {
            throw file.Wrong("pattern", "a String or a Regex");
        }

        if (file.Text(pattern, "String") is { Length: > 0 } literal)
        {
            return new LiteralPattern(literal);
        }

        var regex = file.Text(pattern, "Regex") ?? throw file.Wrong("pattern", "a String or a Regex");
        try
        {
            return TextPatterns.Of(regex);
        }
        catch (PatternSyntaxException e)
        {
            throw new InputException(
                $"{file.Name}: the pattern '{InputException.Quote(regex)}' is not supported ({InputException.Quote(e.Message, 100)}).",
                "tokenizer.pattern",
                file.Name,
                InputException.Quote(regex),
                InputException.Quote(e.Message, 100));
        }
    }

    internal Rune Character(JsonElement element, string field)
    {
        var text = Required(element, field);
        return Rune.DecodeFromUtf16(text, out var rune, out var length) == System.Buffers.OperationStatus.Done && length == text.Length
            ? rune
            : throw file.Wrong(field, "one character");
    }

    /// <summary>Where Metaspace prepends; older files say it with <c>add_prefix_space</c>.</summary>
    internal PrependScheme Scheme(JsonElement element)
    {
        var name = file.Text(element, "prepend_scheme") ?? "always";
        var scheme = name switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw file.Unknown("prepend_scheme", name),
        };
        return file.Flag(element, "add_prefix_space") == false && scheme != PrependScheme.Never
            ? throw file.Wrong("add_prefix_space", "left out, or true where prepend_scheme is not 'never'")
            : scheme;
    }

    internal string Required(JsonElement element, string field) => file.Text(element, field) ?? throw file.Wrong(field, "a string");

    private PatternSplitter SplitBy(TextPattern pattern, JsonElement element) =>
        new(pattern, Behavior(element) ?? throw file.Wrong("behavior", "a string"), file.Flag(element, "invert") ?? false);

    private Splitter Split(JsonElement element) =>
        Pattern(element) is var pattern && pattern is Scanner scanner && Behavior(element) == SplitBehavior.Isolated ? new IsolatingSplitter(scanner) : SplitBy(pattern, element);

    private SplitBehavior? Behavior(JsonElement element) => file.Text(element, "behavior") switch
    {
        null => null,
        "Removed" or "removed" => SplitBehavior.Removed,
        "Isolated" or "isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" or "merged_with_previous" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" or "merged_with_next" => SplitBehavior.MergedWithNext,
        "Contiguous" or "contiguous" => SplitBehavior.Contiguous,
        var name => throw file.Unknown("behavior", name),
    };

    private int Length(JsonElement element)
    {
        var length = file.Integer(element, "length") ?? 5;
        return length is > 0 and <= LongestPiece ? length : throw file.Wrong("length", $"between 1 and {LongestPiece}");
    }

    private Normalizer Precompiled(JsonElement element)
    {
        const string Field = "precompiled_charsmap";
        var text = JsonFile.Member(element, Field) is null ? "" : Required(element, Field);
        if (text.Length == 0)
        {
            return new SequenceNormalizer([]);   // a map of nothing
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) && PrecompiledMap.Read(bytes.AsSpan(0, count)) is { } map
            ? new PrecompiledNormalizer(map)
            : throw file.Wrong(Field, "a character map in Base64");
    }

    private void Count(string what)
    {
        if (++_components > MaxComponents)
        {
            throw new InputException($"{file.Name} has more than {MaxComponents} components ({what}); take the original file.", "tokenizer.components", file.Name, MaxComponents);
        }
    }
}
