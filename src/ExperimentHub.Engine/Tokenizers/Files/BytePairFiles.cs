using System.Text;
using ExperimentHub.Engine.Tokenizers.ByteLevel;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PostProcessors;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads <c>vocab.json</c> and <c>merges.txt</c>: byte-level BPE as the classes GPT2, Roberta, Bart and Qwen2 of transformers make it.</summary>
internal static class BytePairFiles
{
    internal const string VocabularyName = "vocab.json";
    internal const string MergesName = "merges.txt";

    private const string EndOfText = "<|endoftext|>";
    private const long MaxBytes = 64L << 20;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    internal static TokenizerParts Read(string folder, TokenizerSettings settings)
    {
        var (roberta, qwen2) = (TokenizerFamilies.IsRoberta(settings.Family), TokenizerFamilies.IsQwen2(settings.Family));
        if (!roberta && !qwen2 && !TokenizerFamilies.IsGpt2(settings.Family) && !TokenizerFamilies.IsGeneral(settings.Family))
        {
            throw TokenizerFolder.UnknownFamily(VocabularyName, settings.Family!);
        }

        Dictionary<string, int> ids;
        using (var file = JsonFile.Read(folder, VocabularyName))
        {
            ids = VocabularyJson.Read(file, file.Root);
        }

        var merges = ReadMerges(Path.Combine(folder, MergesName));
        var model = new BpeModel(ids, ModelReader.Merges(MergesName, merges, ids, ""), new BpeOptions());
        var vocabulary = new Vocabulary(new(ids));
        var added = new AddedTokenList(vocabulary, "tokenizer_config.json");
        added.AddConfigured(settings);
        AddSpecial(added, settings, roberta, qwen2);
        var addPrefixSpace = settings.Flag("add_prefix_space") ?? false;
        var byteLevel = new ByteLevelPreTokenizer(addPrefixSpace, useRegex: !qwen2);
        PreTokenizer preTokenizer = qwen2 ? new SequencePreTokenizer([new IsolatingSplitter(TextPatterns.WellKnown(Cl100kScanner.OneDigit)!), byteLevel]) : byteLevel;
        return new TokenizerParts
        {
            Vocabulary = vocabulary,
            AddedTokens = added.Tokens,
            Normalizer = qwen2 ? new UnicodeFormNormalizer(NormalizationForm.FormC) : null,
            PreTokenizer = TokenizerJson.TakeBytes(preTokenizer, model),
            Model = model,
            Templates = roberta ? TemplatePair.Roberta(Require(vocabulary, settings.Token("cls_token", "<s>")), Require(vocabulary, settings.Token("sep_token", "</s>")))
                : Begun(settings, vocabulary),
            Trims = roberta && (settings.Flag("trim_offsets") ?? true) ? [new OffsetTrim(addPrefixSpace)] : [],
            Decoder = new ByteLevelDecoder(),
            Special = settings.Roles(vocabulary) with { Unknown = vocabulary.Find(settings.Token("unk_token", roberta ? "<unk>" : EndOfText)) },
            ModelMaxLength = settings.ModelMaxLength,
            Warnings = settings.Warnings,
        };
    }

    private static TemplatePair Begun(TokenizerSettings settings, Vocabulary vocabulary)
    {
        var beginning = settings.Flag("add_bos_token") == true ? vocabulary.Find(settings.Token("bos_token", EndOfText)) : null;
        var end = settings.Flag("add_eos_token") == true ? vocabulary.Find(settings.Token("eos_token", EndOfText)) : null;
        return TemplatePair.Around(beginning, end);
    }

    private static void AddSpecial(AddedTokenList added, TokenizerSettings settings, bool roberta, bool qwen2)
    {
        var general = TokenizerFamilies.IsGeneral(settings.Family);
        (string Role, string? Custom)[] roles = roberta
            ? [("bos_token", "<s>"), ("pad_token", "<pad>"), ("eos_token", "</s>"), ("unk_token", "<unk>"), ("sep_token", "</s>"), ("cls_token", "<s>")]
            : [("bos_token", general || qwen2 ? null : EndOfText), ("eos_token", general ? null : EndOfText), ("unk_token", general ? null : EndOfText), ("pad_token", qwen2 ? EndOfText : null),
                ("sep_token", null), ("cls_token", null)];
        foreach (var (role, custom) in roles)
        {
            added.AddRole(settings, role, custom);
        }

        added.AddRole(settings, "mask_token", roberta ? "<mask>" : null, leftStrip: roberta);
        foreach (var token in settings.AdditionalTokens)
        {
            added.Add(token);
        }
    }

    private static int Require(Vocabulary vocabulary, string token) => vocabulary.Find(token) ?? throw TokenizerFolder.MissingToken(VocabularyName, token);

    private static List<(string Left, string Right)> ReadMerges(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new InputException($"{MergesName} is larger than any vocabulary; take the original file.", "tokenizer.too_large", MergesName);
        }

        string text;
        try
        {
            text = s_strictUtf8.GetString(File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{MergesName} is not UTF-8; take the original file.", "tokenizer.encoding", MergesName);
        }

        var merges = new List<(string, string)>();
        if (text.Length == 0)
        {
            return merges;
        }

        foreach (var range in text.AsSpan().TrimEnd('\n').Split('\n'))
        {
            var line = text.AsSpan()[range].TrimEnd('\r');

            // The first line may name a version, and so may none: it is known by its text, not by its place.
            if (line.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            var space = line.IndexOf(' ');
            if (space < 0 || line[(space + 1)..].Contains(' '))
            {
                throw ModelReader.WrongMerge(MergesName, merges.Count + 1);
            }

            merges.Add((line[..space].ToString(), line[(space + 1)..].ToString()));
        }

        return merges;
    }
}
