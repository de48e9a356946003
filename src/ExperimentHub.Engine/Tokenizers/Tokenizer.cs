using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PostProcessors;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// A tokenizer of a Hugging Face folder. Text goes through added tokens, normaliser, pre-tokeniser, model and template, with the
/// results of the tokenizers library (0.23) token by token. Safe to use from several threads.
/// </summary>
public sealed class Tokenizer
{
    [ThreadStatic]
    private static Workspace? s_workspace;

    private readonly Vocabulary _vocabulary;
    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer? _preTokenizer;
    private readonly TokenModel _model;
    private readonly TemplatePair _templates;
    private readonly TokenDecoder _decoder;
    private readonly HashSet<int> _specialIds;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher? _normalizedTokens;
    private readonly Dictionary<int, string> _normalizedContents;

    internal Tokenizer(TokenizerParts parts)
    {
        _vocabulary = parts.Vocabulary;
        _normalizer = parts.Normalizer;
        _preTokenizer = parts.PreTokenizer;
        _model = parts.Model;
        _templates = parts.Templates;
        _decoder = parts.Decoder;
        _specialIds = [.. parts.AddedTokens.Where(t => t.Special).Select(t => t.Id)];
        _rawTokens = new AddedTokenMatcher(parts.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        var normalized = parts.AddedTokens.Where(t => t.Normalized).Select(t => (Pattern: NormalizeAlone(t.Content), Token: t)).ToList();
        _normalizedTokens = normalized.Count > 0 ? new AddedTokenMatcher(normalized) : null;
        _normalizedContents = normalized.ToDictionary(t => t.Token.Id, t => t.Pattern);
        Special = parts.Special;
        ModelMaxLength = parts.ModelMaxLength;
        Warnings = parts.Warnings;
        IdCount = _vocabulary.Entries.Max(e => e.Value) + 1;
    }

    /// <summary><c>wordpiece</c> …</summary>
    public string Kind => _model.Kind;

    /// <summary>Distinct tokens, added ones included.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>One more than the largest id: the rows that an embedding must have.</summary>
    public int IdCount { get; }

    public SpecialTokens Special { get; }

    /// <summary>The longest input that tokenizer_config.json names; null if it names none.</summary>
    public int? ModelMaxLength { get; }

    /// <summary>Oddities that do no harm, one sentence each.</summary>
    public IReadOnlyList<Warning> Warnings { get; }

    /// <summary>
    /// Reads the tokenizer of a Hugging Face folder: <c>tokenizer.json</c>, or else <c>vocab.txt</c> with <c>tokenizer_config.json</c>.
    /// </summary>
    /// <exception cref="InputException">A file is missing, damaged, or asks for a component that is not known here.</exception>
    public static Tokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Encodes a text, or a pair (an empty second text counts as none), cut to <paramref name="maxLength"/> tokens if that is above 0.</summary>
    public TokenEncoding Encode(string text, string? textPair = null, int maxLength = 0) =>
        Encode(text, textPair, new EncodeOptions { MaxLength = maxLength });

    /// <exception cref="InputException">The text named by the strategy is too short to be cut, or the stride leaves no progress.</exception>
    public TokenEncoding Encode(string text, string? textPair, EncodeOptions options)
    {
        var workspace = Rent();
        var first = Tokenize(text, workspace, workspace.First);
        var second = string.IsNullOrEmpty(textPair) ? null : Tokenize(textPair, workspace, workspace.Second);
        var template = options.AddSpecialTokens ? Frame(second) : Frame(second).WithoutSpecialTokens();
        var (firstWindows, secondWindows) = Cut(first.Count, second?.Count, template, options);
        var truncated = firstWindows.Count > 1 || secondWindows.Count > 1;
        var overflow = new List<TokenEncoding>();
        if (options.ReturnOverflow)
        {
            // Every further window of the text that the template names first, with each of the other; then the other's own.
            var swapped = template.Parts.First(p => p.Sequence >= 0).Sequence == 1;
            var (outer, inner) = swapped ? (secondWindows, firstWindows) : (firstWindows, secondWindows);
            for (var o = 0; o < outer.Count; o++)
            {
                for (var i = 0; i < inner.Count; i++)
                {
                    if (o + i > 0)
                    {
                        var (a, b) = swapped ? (inner[i], outer[o]) : (outer[o], inner[i]);
                        overflow.Add(Assemble(template, first, second, a, b, truncated, []));
                    }
                }
            }

            // The library lists windows of the second text beside the uncut first one last.
            if (outer.Count > 1 && inner.Count > 1)
            {
                overflow = [.. overflow.Skip(inner.Count - 1), .. overflow.Take(inner.Count - 1)];
            }
        }

        var result = Assemble(template, first, second, firstWindows[0], secondWindows[0], truncated, overflow);
        Return(workspace);
        return result;
    }

    /// <summary>Encodes many texts for training: flat arrays, no padding, no offsets. Pairs may be null, or hold null where there is none.</summary>
    public TokenBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs, int maxLength)
    {
        var options = new EncodeOptions { MaxLength = maxLength };
        var workspace = Rent();
        var ids = new List<int>(texts.Count * 24);
        var types = new List<byte>(texts.Count * 24);
        var offsets = new long[texts.Count + 1];
        var truncatedRows = 0;
        for (var row = 0; row < texts.Count; row++)
        {
            var pair = pairs?[row];
            var first = Tokenize(texts[row], workspace, workspace.First);
            var second = string.IsNullOrEmpty(pair) ? null : Tokenize(pair, workspace, workspace.Second);
            var template = Frame(second);
            var (firstLength, secondLength) = Lengths(first.Count, second?.Count, template, options);
            foreach (var part in template.Parts)
            {
                var source = part.Sequence == 0 ? first : second;
                var length = part.Sequence switch { 0 => firstLength, 1 => secondLength, _ => part.Ids.Count };
                for (var i = 0; i < length; i++)
                {
                    ids.Add(part.Sequence < 0 ? part.Ids[i] : source!.Ids[i]);
                    types.Add((byte)part.TypeId);
                }
            }

            truncatedRows += firstLength < first.Count || secondLength < (second?.Count ?? 0) ? 1 : 0;
            offsets[row + 1] = ids.Count;
        }

        Return(workspace);
        return new TokenBatch { Ids = [.. ids], TypeIds = [.. types], Offsets = offsets, TruncatedRows = truncatedRows };
    }

    /// <summary>Text of the ids; ids outside the vocabulary are passed over, as are special tokens unless they are asked for.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (!(skipSpecialTokens && _specialIds.Contains(id)) && _vocabulary.Token(id) is { } token)
            {
                // The library decodes such a token to what it was looked for as.
                tokens.Add(_normalizedContents.GetValueOrDefault(id, token));
            }
        }

        return _decoder.Decode(tokens);
    }

    public int? TokenToId(string token) => _vocabulary.Find(token);

    public string? IdToToken(int id) => _vocabulary.Token(id);

    private static TokenEncoding Assemble(
        Template template, TokenBuffer first, TokenBuffer? second, Window firstWindow, Window secondWindow, bool truncated, List<TokenEncoding> overflow)
    {
        var length = template.SpecialTokens + firstWindow.Length + secondWindow.Length;
        var encoding = new TokenEncoding
        {
            Ids = new int[length],
            TypeIds = new int[length],
            Starts = new int[length],
            Ends = new int[length],
            WordIds = new int[length],
            SequenceIds = new int[length],
            Truncated = truncated,
            Overflow = overflow,
        };
        var at = 0;
        foreach (var part in template.Parts)
        {
            if (part.Sequence < 0)
            {
                foreach (var id in part.Ids)
                {
                    encoding.Ids[at] = id;
                    encoding.TypeIds[at] = part.TypeId;
                    encoding.WordIds[at] = -1;
                    encoding.SequenceIds[at++] = -1;
                }

                continue;
            }

            var (source, window) = part.Sequence == 0 ? (first, firstWindow) : (second!, secondWindow);
            for (var i = window.Start; i < window.End; i++, at++)
            {
                encoding.Ids[at] = source.Ids[i];
                encoding.TypeIds[at] = part.TypeId;
                encoding.Starts[at] = source.Starts[i];
                encoding.Ends[at] = source.Ends[i];
                encoding.WordIds[at] = source.Words[i];
                encoding.SequenceIds[at] = part.Sequence;
            }
        }

        return encoding;
    }

    private static (List<Window> First, List<Window> Second) Cut(int first, int? second, Template template, EncodeOptions options)
    {
        var (firstLength, secondLength) = Lengths(first, second, template, options);
        var stride = options.ReturnOverflow ? options.Stride : 0;
        return (
            Window.Over(first, firstLength, stride, options.TruncateLeft),
            Window.Over(second ?? 0, secondLength, stride, options.TruncateLeft));
    }

    private static (int First, int Second) Lengths(int first, int? second, Template template, EncodeOptions options)
    {
        var longest = options.MaxLength - template.SpecialTokens;
        if (options.MaxLength <= 0 || longest < 0)
        {
            return (first, second ?? 0);
        }

        return second is null
            ? (Math.Min(first, longest), 0)
            : Window.Share(first, second.Value, longest, options.Truncation);
    }

    private static Workspace Rent()
    {
        var workspace = s_workspace ?? new Workspace();
        s_workspace = null;
        return workspace;
    }

    private static void Return(Workspace workspace)
    {
        if (workspace.IsSmall)
        {
            s_workspace = workspace;
        }
    }

    private Template Frame(TokenBuffer? second) => second is null ? _templates.Single : _templates.Pair;

    private TokenBuffer Tokenize(string text, Workspace workspace, TokenBuffer tokens)
    {
        tokens.Clear();
        workspace.RawPieces.Clear();
        _rawTokens.Split(text, workspace.RawPieces);
        var word = 0;
        foreach (var (piece, token) in workspace.RawPieces)
        {
            if (token is not null)
            {
                tokens.Add(token.Id, piece.Start, piece.End, word++);
                continue;
            }

            workspace.Original.Set(text.AsSpan(piece.Start, piece.End - piece.Start), piece.Start);
            var normalized = workspace.Original;
            if (_normalizer is not null)
            {
                normalized = workspace.Normalized;
                normalized.Clear();
                _normalizer.Normalize(workspace.Original, normalized);
            }

            word = TokenizeNormalized(normalized, word, workspace, tokens);
        }

        return tokens;
    }

    private int TokenizeNormalized(NormalizedText text, int word, Workspace workspace, TokenBuffer tokens)
    {
        if (_normalizedTokens is null)
        {
            return TokenizePieces(text, new(0, text.Length), word, workspace, tokens);
        }

        workspace.NormalizedPieces.Clear();
        _normalizedTokens.Split(text.Chars, workspace.NormalizedPieces);
        foreach (var (piece, token) in workspace.NormalizedPieces)
        {
            if (token is not null)
            {
                tokens.Add(token.Id, text.Start(piece.Start), text.End(piece.End - 1), word++);
            }
            else
            {
                word = TokenizePieces(text, piece, word, workspace, tokens);
            }
        }

        return word;
    }

    private int TokenizePieces(NormalizedText text, Piece range, int word, Workspace workspace, TokenBuffer tokens)
    {
        workspace.Pieces.Clear();
        if (_preTokenizer is not null)
        {
            _preTokenizer.Split(text.Chars[range.Start..range.End], range.Start, workspace.Pieces);
        }
        else if (range.End > range.Start)
        {
            workspace.Pieces.Add(range);
        }

        foreach (var piece in workspace.Pieces)
        {
            _model.Tokenize(text, piece.Start, piece.End, word++, tokens);
        }

        return word;
    }

    private string NormalizeAlone(string content)
    {
        var source = new NormalizedText();
        source.Set(content, 0);
        if (_normalizer is null)
        {
            return content;
        }

        var target = new NormalizedText();
        _normalizer.Normalize(source, target);
        return target.Chars.ToString();
    }

    /// <summary>Buffers that one thread uses again and again.</summary>
    private sealed class Workspace
    {
        private const int LargestKept = 1 << 18;

        internal NormalizedText Original { get; } = new();

        internal NormalizedText Normalized { get; } = new();

        internal List<(Piece Piece, AddedToken? Token)> RawPieces { get; } = [];

        internal List<(Piece Piece, AddedToken? Token)> NormalizedPieces { get; } = [];

        internal List<Piece> Pieces { get; } = [];

        internal TokenBuffer First { get; } = new();

        internal TokenBuffer Second { get; } = new();

        internal bool IsSmall => Original.Capacity <= LargestKept && Normalized.Capacity <= LargestKept;
    }
}
