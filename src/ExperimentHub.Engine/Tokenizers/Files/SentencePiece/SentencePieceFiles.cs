using System.Text;
using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PostProcessors;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Makes a tokenizer of a SentencePiece model as transformers does for its class: T5, XLM-R and ALBERT (unigram), Llama, Gemma and
/// ERNIE 4.5 (BPE). Which special tokens and spaces are added is not in the model file, so other classes are refused.
/// </summary>
internal sealed class SentencePieceFiles
{
    internal static readonly string[] Names = ["spiece.model", "sentencepiece.bpe.model", "tokenizer.model"];

    private const int DefaultExtraIds = 100;

    private static readonly Rune s_mark = new('▁');

    private readonly SentencePieceModel _file;
    private readonly TokenizerSettings _settings;
    private readonly AddedTokenList _added;
    private readonly Vocabulary _vocabulary;

    private SentencePieceFiles(SentencePieceModel file, TokenizerSettings settings, IEnumerable<string> tokens)
    {
        (_file, _settings) = (file, settings);
        _vocabulary = Vocabulary.Of(tokens);
        _added = new AddedTokenList(_vocabulary, "tokenizer_config.json");
        _added.AddConfigured(settings);
    }

    internal static TokenizerParts Read(string folder, string fileName, TokenizerSettings settings)
    {
        var file = SentencePieceModel.ReadFile(folder, fileName);
        var family = settings.Family;
        var general = TokenizerFamilies.IsGeneral(family);
        var tokens = file.Pieces.Select(p => p.Text);
        if (file.ModelType is not (SentencePieceModelType.Unigram or SentencePieceModelType.Bpe))
        {
            throw file.WrongModelType();
        }

        if (file.ModelType == SentencePieceModelType.Bpe)
        {
            return TokenizerFamilies.IsErnie45(family) ? new SentencePieceFiles(file, settings, tokens).Ernie45()
                : TokenizerFamilies.IsGemma(family) ? new SentencePieceFiles(file, settings, tokens).Gemma()
                : TokenizerFamilies.IsLlama(family) || general ? new SentencePieceFiles(file, settings, tokens).Llama()
                : throw TokenizerFolder.UnknownFamily(fileName, family!);
        }

        return TokenizerFamilies.IsXlmRoberta(family) || (general && fileName == "sentencepiece.bpe.model") ? XlmRoberta(file, settings)
            : TokenizerFamilies.IsAlbert(family) ? new SentencePieceFiles(file, settings, tokens).Albert()
            : TokenizerFamilies.IsT5(family) || (general && fileName == "spiece.model") ? new SentencePieceFiles(file, settings, tokens).T5()
            : general ? new SentencePieceFiles(file, settings, tokens).Unigram()
            : throw TokenizerFolder.UnknownFamily(fileName, family!);
    }

    /// <summary>Its ids follow fairseq: four special tokens first, everything else one later than in the file, the mask last.</summary>
    private static TokenizerParts XlmRoberta(SentencePieceModel file, TokenizerSettings settings)
    {
        const int Replaced = 3;
        List<(string Text, double Score)> pieces =
            [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), .. file.Pieces.Skip(Replaced).Select(p => (p.Text, (double)p.Score)), ("<mask>", 0)];
        var maker = new SentencePieceFiles(file, settings, pieces.Select(p => p.Text));
        maker.AddRoles(("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"), ("sep_token", "</s>"), ("pad_token", "<pad>"), ("cls_token", "<s>"));
        maker._added.AddRole(settings, "mask_token", "<mask>", leftStrip: true);
        return maker.Parts(
            new UnigramModel(pieces, unknownId: 3, byteFallback: false), maker.CharacterMap(), WordsWithMarks(), new MetaspaceDecoder(s_mark, prepended: true),
            TemplatePair.Roberta(maker.Id("cls_token", "<s>"), maker.Id("sep_token", "</s>"), furtherTypeId: 1));
    }

    private static SequencePreTokenizer WordsWithMarks() =>
        new([new WhitespacePreTokenizer(separateWords: false), new MetaspacePreTokenizer(s_mark, PrependScheme.Always, split: true)]);

    private TokenizerParts T5()
    {
        var pieces = Scored();
        for (var i = _settings.ExtraIds ?? DefaultExtraIds; i > 0; i--)
        {
            var sentinel = $"<extra_id_{i - 1}>";
            if (_vocabulary.Find(sentinel) is null)
            {
                _vocabulary.Add(sentinel, pieces.Count);
                pieces.Add((sentinel, 0));
            }
        }

        AddRoles(("pad_token", "<pad>"), ("eos_token", "</s>"), ("unk_token", "<unk>"));
        for (var i = _settings.ExtraIds ?? DefaultExtraIds; i > 0; i--)
        {
            _added.Add(new AddedToken($"<extra_id_{i - 1}>", -1) { Special = true });
        }

        return Parts(new UnigramModel(pieces, _file.UnknownId, byteFallback: false), CharacterMap(), WordsWithMarks(), new MetaspaceDecoder(s_mark, prepended: true), Ended());
    }

    private TokenizerParts Albert()
    {
        var steps = new List<Normalizer>
        {
            new ReplaceNormalizer(new LiteralPattern("``"), "\""), new ReplaceNormalizer(new LiteralPattern("''"), "\""),
        };
        if (_settings.Flag("keep_accents") != true)
        {
            steps.AddRange([new UnicodeFormNormalizer(NormalizationForm.FormKD), new StripAccentsNormalizer()]);
        }

        if (_settings.Flag("do_lower_case") ?? true)
        {
            steps.Add(new LowercaseNormalizer());
        }

        if (CharacterMap() is { } map)
        {
            steps.Add(map);
        }

        steps.Add(new ReplaceNormalizer(TextPatterns.Of(" {2,}"), " "));
        AddRoles(("pad_token", "<pad>"), ("unk_token", "<unk>"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"), ("bos_token", "[CLS]"), ("eos_token", "[SEP]"));
        _added.AddRole(_settings, "mask_token", "[MASK]", leftStrip: true);
        return Parts(
            new UnigramModel(Scored(), _file.UnknownId, byteFallback: false), new SequenceNormalizer(steps), new MetaspacePreTokenizer(s_mark, PrependScheme.Always, split: true),
            new MetaspaceDecoder(s_mark, prepended: true), TemplatePair.Bert(Id("cls_token", "[CLS]"), Id("sep_token", "[SEP]")));
    }

    /// <summary>A unigram model of no class that is known: as transformers converts any, with the end of text after each.</summary>
    private TokenizerParts Unigram()
    {
        var spaces = new ReplaceNormalizer(TextPatterns.Of(" {2,}"), "▁");
        AddRoles(("unk_token", _file.Pieces[_file.UnknownId].Text), ("bos_token", null), ("eos_token", null), ("pad_token", null));
        var metaspace = new MetaspaceDecoder(s_mark, prepended: true);
        return Parts(
            new UnigramModel(Scored(), _file.UnknownId, _file.ByteFallback), CharacterMap() is { } map ? new SequenceNormalizer([map, spaces]) : spaces,
            new MetaspacePreTokenizer(s_mark, PrependScheme.Always, split: true), _file.ByteFallback ? new SequenceDecoder([new ByteFallbackDecoder(), metaspace]) : metaspace, Ended());
    }

    /// <summary>With <c>legacy</c> a mark before every stretch of text between special tokens, else one at the very start only.</summary>
    private TokenizerParts Llama()
    {
        var legacy = _settings.Flag("legacy") ?? true;
        AddRoles(("unk_token", _file.Pieces[_file.UnknownId].Text), ("bos_token", "<s>"), ("eos_token", "</s>"), ("pad_token", null));
        var beginning = _settings.Flag("add_bos_token") ?? true ? _vocabulary.Find(_settings.Token("bos_token", "<s>")) : null;
        var end = _settings.Flag("add_eos_token") ?? false ? _vocabulary.Find(_settings.Token("eos_token", "</s>")) : null;
        return Parts(
            Bpe(),
            legacy ? new SequenceNormalizer([new PrependNormalizer("▁"), Marks()]) : null,
            legacy ? null : new MetaspacePreTokenizer(s_mark, PrependScheme.First, split: false),
            new SequenceDecoder([Spaces(), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(new(' '), 1, 0)]),
            TemplatePair.Around(beginning, end));
    }

    private TokenizerParts Gemma()
    {
        AddRoles(("pad_token", "<pad>"), ("eos_token", "<eos>"), ("bos_token", "<bos>"), ("unk_token", "<unk>"));
        var beginning = _settings.Flag("add_bos_token") ?? true ? _vocabulary.Find(_settings.Token("bos_token", "<bos>")) : null;
        return Parts(
            Bpe(), Marks(), new PatternSplitter(new LiteralPattern(" "), SplitBehavior.MergedWithPrevious, invert: false), PlainDecoder(), TemplatePair.Around(beginning, null));
    }

    private TokenizerParts Ernie45()
    {
        AddRoles(("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>"), ("sep_token", null), ("cls_token", null), ("pad_token", null), ("mask_token", null));
        return Parts(Bpe(), Marks(), null, PlainDecoder(), TemplatePair.Bare);
    }

    private static ReplaceNormalizer Marks() => new(new LiteralPattern(" "), "▁");

    private static ReplaceDecoder Spaces() => new(new LiteralPattern("▁"), " ");

    private static SequenceDecoder PlainDecoder() => new([Spaces(), new ByteFallbackDecoder(), new FuseDecoder()]);

    private BpeModel Bpe()
    {
        var ids = new Dictionary<string, int>(_file.Pieces.Count);
        for (var id = 0; id < _file.Pieces.Count; id++)
        {
            ids[_file.Pieces[id].Text] = id;
        }

        var options = new BpeOptions { UnknownToken = _file.Pieces[_file.UnknownId].Text, FuseUnknown = true, ByteFallback = true };
        return new BpeModel(ids, ModelReader.Merges(_file.FileName, SentencePieceMerges.Of(_file.Pieces), ids, ""), options);
    }

    private List<(string Text, double Score)> Scored() => [.. _file.Pieces.Select(p => (p.Text, (double)p.Score))];

    private PrecompiledNormalizer? CharacterMap() => _file.Normalizer.CharacterMap is { } map ? new PrecompiledNormalizer(map) : null;

    private int Id(string role, string custom)
    {
        var content = _settings.Token(role, custom);
        return _vocabulary.Find(content) ?? throw TokenizerFolder.MissingToken(_file.FileName, content);
    }

    /// <summary><c>A &lt;/s&gt;</c> and <c>A &lt;/s&gt; B &lt;/s&gt;</c>, all of token type 0.</summary>
    private TemplatePair Ended()
    {
        TemplatePart[] first = [new([], 0, 0), new([Id("eos_token", "</s>")], -1, 0)];
        return new(new(first), new([.. first, new([], 1, 0), first[1]]));
    }

    private void AddRoles(params (string Role, string? Custom)[] roles)
    {
        foreach (var (role, custom) in roles)
        {
            _added.AddRole(_settings, role, custom);
        }
    }

    private TokenizerParts Parts(TokenModel model, Normalizer? normalizer, PreTokenizer? preTokenizer, TokenDecoder decoder, TemplatePair templates)
    {
        foreach (var piece in _file.Pieces)
        {
            if (piece.Type is SentencePieceType.Control or SentencePieceType.UserDefined)
            {
                _added.Add(new AddedToken(piece.Text, -1) { Special = piece.Type == SentencePieceType.Control });
            }
        }

        foreach (var token in _settings.AdditionalTokens)
        {
            _added.Add(token);
        }

        return new TokenizerParts
        {
            Vocabulary = _vocabulary,
            AddedTokens = _added.Tokens,
            Normalizer = normalizer,
            PreTokenizer = preTokenizer,
            Model = model,
            Templates = templates,
            Decoder = decoder,
            Special = _settings.Roles(_vocabulary),
            ModelMaxLength = _settings.ModelMaxLength,
            Warnings = _settings.Warnings,
        };
    }
}
