using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// A tokenizer of a Hugging Face folder. Text goes through added tokens, normaliser, pre-tokeniser, model and template, with the
/// results of the tokenizers library (0.23) token by token. Safe to use from several threads.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Rows that one thread encodes in a go.</summary>
    private const int RowsAtOnce = 256;

    private readonly Vocabulary _vocabulary;
    private readonly TextPipeline _pipeline;
    private readonly Frame _frame;
    private readonly TokenDecoder _decoder;
    private readonly HashSet<int> _skippedIds;
    private readonly TokenModel _model;

    internal Tokenizer(TokenizerParts parts)
    {
        _vocabulary = parts.Vocabulary;
        _frame = new Frame(parts.Templates, parts.Trims);
        _pipeline = new TextPipeline(parts, _frame.Trims);
        _decoder = parts.Decoder;
        _model = parts.Model;
        var special = parts.AddedTokens.Where(t => t.Special).Select(t => t.Content).ToHashSet();
        SpecialTexts = [.. special.Where(t => t.Length > 0)];
        _skippedIds = [.. _vocabulary.Entries.Where(e => special.Contains(Written(e.Value) ?? e.Key)).Select(e => e.Value)];
        Special = parts.Special;
        ModelMaxLength = parts.ModelMaxLength;
        Warnings = parts.Warnings;
        IdCount = _vocabulary.Entries.Max(e => e.Value) + 1;
    }

    /// <summary><c>wordpiece</c>, <c>bpe</c>, <c>unigram</c> or <c>wordlevel</c>.</summary>
    public string Kind => _model.Kind;

    /// <summary>True if tokens are bytes in printable letters (GPT-2 and its kin): a character may be several of them.</summary>
    public bool IsByteLevel => _decoder is ByteLevel.ByteLevelDecoder;

    /// <summary>Distinct tokens, added ones included.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>One more than the largest id: the rows that an embedding must have.</summary>
    public int IdCount { get; }

    public SpecialTokens Special { get; }

    /// <summary>What is read as a special token where it stands in a text.</summary>
    public IReadOnlyList<string> SpecialTexts { get; }

    /// <summary>The longest input that tokenizer_config.json names; null if it names none.</summary>
    public int? ModelMaxLength { get; }

    /// <summary>Oddities that do no harm, one sentence each.</summary>
    public IReadOnlyList<Warning> Warnings { get; }

    /// <summary>
    /// Reads the tokenizer of a Hugging Face folder: <c>tokenizer.json</c>, or else the older files of its family (<c>vocab.txt</c>;
    /// <c>vocab.json</c> with <c>merges.txt</c>; a SentencePiece model) with <c>tokenizer_config.json</c>.
    /// </summary>
    /// <exception cref="InputException">A file is missing, damaged, or asks for a component that is not known here.</exception>
    public static Tokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Encodes a text, or a pair (an empty second text counts as none), cut to <paramref name="maxLength"/> tokens if that is above 0.</summary>
    public TokenEncoding Encode(string text, string? textPair = null, int maxLength = 0) =>
        Encode(text, textPair, new EncodeOptions { MaxLength = maxLength > 0 ? maxLength : null });

    /// <exception cref="InputException">The text named by the strategy is too short to be cut, the stride leaves no progress, or there is no padding token.</exception>
    public TokenEncoding Encode(string text, string? textPair, EncodeOptions options) =>
        EncodeRows([[text]], [string.IsNullOrEmpty(textPair) ? null : [textPair]], options, inWords: false)[0];

    /// <summary>
    /// Encodes a text without special tokens of the frame; no added token reaches across one of the places of <paramref name="cuts"/>
    /// (UTF-16, ascending). So a stranger's text can be kept from being read as a special token.
    /// </summary>
    public TokenEncoding EncodeCut(string text, IReadOnlyList<int> cuts)
    {
        var workspace = Workspace.Rent();
        workspace.First.Start(tracks: true, [text]);
        _pipeline.Tokenize(text, null, workspace, workspace.First, cuts.Count == 0 ? null : IsCut);
        var encoding = _frame.Build(workspace.First, null, new EncodeOptions { AddSpecialTokens = false });
        workspace.Return();
        return encoding;

        bool IsCut(int start, int end)
        {
            var (low, high) = (0, cuts.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = cuts[middle] <= start ? (middle + 1, high) : (low, middle);
            }

            return low < cuts.Count && cuts[low] < end;
        }
    }

    /// <summary>Encodes texts as rows of one batch, which padding makes equally long.</summary>
    /// <param name="pairs">Second texts; null, or null for a row, where there is none.</param>
    public IReadOnlyList<TokenEncoding> EncodeRows(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, EncodeOptions options) =>
        EncodeRows([.. texts.Select(t => new[] { t })], pairs is null ? null : [.. pairs.Select(p => string.IsNullOrEmpty(p) ? null : new[] { p })], options, inWords: false);

    /// <summary>Encodes texts that are given in words: word ids count these, and places count inside each word.</summary>
    public IReadOnlyList<TokenEncoding> EncodeWords(
        IReadOnlyList<IReadOnlyList<string>> texts, IReadOnlyList<IReadOnlyList<string>?>? pairs, EncodeOptions options) =>
        EncodeRows(texts, pairs, options, inWords: true);

    /// <summary>Encodes many texts for training: flat arrays, no padding, no offsets. Pairs may be null, or hold null where there is none.</summary>
    public TokenBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, int maxLength) =>
        EncodeBatch(texts, pairs, new EncodeOptions { MaxLength = maxLength > 0 ? maxLength : null });

    /// <summary>As above; of the options, those of overflow and padding are not looked at.</summary>
    /// <param name="threads">Threads that share the rows; 0: as many as there are processors.</param>
    public TokenBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, EncodeOptions options, int threads = 0)
    {
        var chunks = new TokenBatch[(texts.Count + RowsAtOnce - 1) / RowsAtOnce];
        if (threads == 1 || chunks.Length == 1)
        {
            for (var chunk = 0; chunk < chunks.Length; chunk++)
            {
                chunks[chunk] = EncodeChunk(texts, pairs, chunk * RowsAtOnce, options);
            }
        }
        else
        {
            try
            {
                var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
                Parallel.For(0, chunks.Length, parallel, chunk => chunks[chunk] = EncodeChunk(texts, pairs, chunk * RowsAtOnce, options));
            }
            catch (AggregateException e) when (e.InnerExceptions[0] is InputException fault)
            {
                throw fault;
            }
        }

        return TokenBatch.Join(chunks);
    }

    /// <summary>Text of the ids; ids outside the vocabulary are passed over, as are special tokens unless they are asked for.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (!(skipSpecialTokens && _skippedIds.Contains(id)) && Written(id) is { } token)
            {
                tokens.Add(token);
            }
        }

        return string.Concat(_decoder.Decode(tokens));
    }

    /// <summary>Decodes ids one after another.</summary>
    public StreamingDecoder Stream(bool skipSpecialTokens = true) =>
        new(_decoder, id => skipSpecialTokens && _skippedIds.Contains(id) ? null : Written(id));

    /// <summary>How a BPE vocabulary joins its tokens, earliest first; empty for other kinds.</summary>
    public IReadOnlyList<TokenMerge> ListMerges() => [.. _model.Merges.OrderBy(m => m.Rank)];

    public int? TokenToId(string token) => _vocabulary.Find(token);

    public string? IdToToken(int id) => _vocabulary.Token(id);

    /// <summary>A token as decoding takes it: the library gives an added token as what it was looked for.</summary>
    private string? Written(int id) => _pipeline.NormalizedContents.GetValueOrDefault(id) ?? _vocabulary.Token(id);

    private List<TokenEncoding> EncodeRows(
        IReadOnlyList<IReadOnlyList<string>> texts, IReadOnlyList<IReadOnlyList<string>?>? pairs, EncodeOptions options, bool inWords)
    {
        var padId = options.Padding is null ? 0 : PadId(options);
        var rows = new List<TokenEncoding>(texts.Count);
        var workspace = Workspace.Rent();
        for (var row = 0; row < texts.Count; row++)
        {
            var first = Tokenize(texts[row], inWords, workspace, workspace.First);
            var second = pairs?[row] is { } pair ? Tokenize(pair, inWords, workspace, workspace.Second) : null;
            rows.Add(_frame.Build(first, second, options));
        }

        workspace.Return();
        if (options.Padding is { } padding)
        {
            var length = padding.Length > 0 ? padding.Length : rows.Count > 0 ? rows.Max(r => r.Length) : 0;
            var rest = padding.MultipleOf > 1 ? length % padding.MultipleOf : 0;
            length += rest > 0 ? padding.MultipleOf - rest : 0;
            return rows.ConvertAll(r => r.PadTo(length, padId, padding.Left));
        }

        return rows;
    }

    private TokenBuffer Tokenize(IReadOnlyList<string> words, bool inWords, Workspace workspace, TokenBuffer tokens)
    {
        tokens.Start(tracks: true, words);
        for (var word = 0; word < words.Count; word++)
        {
            _pipeline.Tokenize(words[word], inWords ? word : null, workspace, tokens);
        }

        return tokens;
    }

    private int PadId(EncodeOptions options)
    {
        if (options is { MaxLength: { } longest, Padding.MultipleOf: > 1 and var multiple } && longest % multiple != 0)
        {
            throw new InputException(
                $"A length of {longest} tokens is no multiple of {multiple}, to which rows are to be padded; change one of them.", "tokenizer.pad_multiple", longest, multiple);
        }

        return Special.Pad ?? throw new InputException(
            "The tokenizer has no padding token; name one as pad_token in tokenizer_config.json, or do not pad.", "tokenizer.no_pad");
    }

    private TokenBatch EncodeChunk(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, int from, EncodeOptions options)
    {
        var workspace = Workspace.Rent();
        var writer = new TokenBatchWriter(Math.Min(RowsAtOnce, texts.Count - from));
        for (var row = from; row < Math.Min(from + RowsAtOnce, texts.Count); row++)
        {
            var pair = pairs?[row];
            workspace.First.Start(tracks: false, []);
            _pipeline.Tokenize(texts[row], null, workspace, workspace.First);
            TokenBuffer? second = null;
            if (!string.IsNullOrEmpty(pair))
            {
                second = workspace.Second;
                second.Start(tracks: false, []);
                _pipeline.Tokenize(pair, null, workspace, second);
            }

            writer.Add(_frame.Template(second, options.AddSpecialTokens), workspace.First, second, options);
        }

        workspace.Return();
        return writer.Finish();
    }
}
