using System.Text;
using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PostProcessors;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads <c>vocab.txt</c>, one token a line (ERNIE's has the id after a tab), as BERT's tokenizer of transformers does.</summary>
internal static class VocabularyText
{
    internal const string FileName = "vocab.txt";

    private const long MaxBytes = 64L << 20;
    private const int MaxCharsPerWord = 100;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    internal static TokenizerParts Read(string folder, TokenizerSettings settings)
    {
        var ids = ReadTokens(Path.Combine(folder, FileName), settings.Warnings);
        var vocabulary = new Vocabulary(new(ids));
        var unknown = Require(vocabulary, settings.Token("unk_token", "[UNK]"));
        var separator = Require(vocabulary, settings.Token("sep_token", "[SEP]"));
        var classification = Require(vocabulary, settings.Token("cls_token", "[CLS]"));
        var added = new AddedTokenList(vocabulary, "tokenizer_config.json");
        added.AddConfigured(settings);
        foreach (var (role, custom) in new[] { ("pad_token", "[PAD]"), ("unk_token", "[UNK]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"), ("mask_token", "[MASK]") })
        {
            if (vocabulary.Find(settings.Token(role, custom)) is not null)
            {
                added.AddRole(settings, role, custom);
            }
        }

        return new TokenizerParts
        {
            Vocabulary = vocabulary,
            AddedTokens = added.Tokens,
            Normalizer = new BertNormalizer(
                cleanText: true, settings.Flag("tokenize_chinese_chars") ?? true, settings.Flag("strip_accents"), settings.Flag("do_lower_case") ?? true),
            PreTokenizer = new BertPreTokenizer(),
            Model = new WordPieceModel(ids, unknown, "##", MaxCharsPerWord),
            Templates = TemplatePair.Bert(classification, separator),
            Decoder = new WordPieceDecoder("##", cleanup: true),
            Special = settings.Roles(vocabulary),
            ModelMaxLength = settings.ModelMaxLength,
            Warnings = settings.Warnings,
        };
    }

    private static int Require(Vocabulary vocabulary, string token) => vocabulary.Find(token) ?? throw TokenizerFolder.MissingToken(FileName, token);

    private static Dictionary<string, int> ReadTokens(string path, List<Warning> warnings)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new InputException($"{FileName} is larger than any vocabulary; take the original file.", "tokenizer.too_large", FileName);
        }

        // Only \n ends a line: vocabularies hold U+2028 and its kin as tokens.
        var lines = SplitLines(File.ReadAllBytes(path));
        if (lines.Count == 0)
        {
            throw new InputException($"{FileName} is empty; take the original file.", "tokenizer.empty", FileName);
        }

        var withIds = lines.All(l => l.LastIndexOf('\t') is var tab and >= 0 && int.TryParse(l.AsSpan(tab + 1), out var id) && id is >= 0 and <= Vocabulary.MaxId);
        var ids = new Dictionary<string, int>(lines.Count);
        var firstLine = new Dictionary<string, int>(lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            var tab = withIds ? lines[i].LastIndexOf('\t') : lines[i].Length;
            var token = lines[i][..tab];
            if (!firstLine.TryAdd(token, i + 1))
            {
                Warn(warnings, new(
                    "token_twice", $"{FileName}: '{InputException.Quote(token)}' stands on lines {firstLine[token]} and {i + 1}; the later one counts.",
                    FileName, InputException.Quote(token), firstLine[token], i + 1));
            }

            if (token.Length == 0)
            {
                Warn(warnings, new("empty_token", $"{FileName}: line {i + 1} is empty.", FileName, i + 1));
            }

            ids[token] = withIds ? int.Parse(lines[i].AsSpan(tab + 1), provider: null) : i;
        }

        return ids;
    }

    private static List<string> SplitLines(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        var lines = new List<string>();
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            try
            {
                lines.Add(s_strictUtf8.GetString(line.TrimEnd((byte)'\r')));
            }
            catch (DecoderFallbackException)
            {
                throw new InputException($"{FileName}: line {lines.Count + 1} is not UTF-8; take the original file.", "tokenizer.not_utf8", FileName, lines.Count + 1);
            }

            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }

        return lines;
    }

    private static void Warn(List<Warning> warnings, Warning warning)
    {
        const int Enough = 20;
        if (warnings.Count < Enough)
        {
            warnings.Add(warning);
        }
    }
}
