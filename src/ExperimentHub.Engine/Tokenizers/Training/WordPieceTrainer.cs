using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// Learns a WordPiece vocabulary from texts as the tokenizers library does (byte-pair merges over words, Sennrich et al. 2016, with the
/// prefix <c>##</c>): the most frequent pair joins, among equals the one with the smaller ids. Where the library goes by the order
/// of a hash table, this goes by frequency and then by letters, so the same texts always give the same vocabulary.
/// </summary>
public sealed class WordPieceTrainer
{
    private const string Prefix = "##";
    private const int LongestWord = 100;

    private static readonly string[] s_special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly int _size;
    private readonly int _alphabetSize;
    private readonly BertNormalizer _normalizer;
    private readonly BertPreTokenizer _preTokenizer = new();
    private readonly NormalizedText _source = new();
    private readonly NormalizedText _target = new();
    private readonly List<Piece> _pieces = [];
    private readonly WordCounts _words = new();

    /// <param name="size">Tokens wanted, special ones included; fewer come out of little text.</param>
    /// <param name="lowercase">As BERT's uncased models: lower-cased, accents stripped.</param>
    /// <param name="alphabetSize">Characters kept at most, the most frequent ones.</param>
    public WordPieceTrainer(int size, bool lowercase = true, int alphabetSize = 6000)
    {
        _size = size;
        _alphabetSize = alphabetSize;
        _normalizer = new BertNormalizer(cleanText: true, handleChineseChars: true, stripAccents: null, lowercase);
    }

    /// <summary>Counts the words of a text.</summary>
    public void Add(string text)
    {
        _source.Set(text, 0, tracks: false);
        _target.ClearFor(_source);
        _normalizer.Normalize(_source, _target);
        _pieces.Clear();
        _preTokenizer.Split(_target.Chars, 0, _pieces);
        foreach (var piece in _pieces)
        {
            if (piece.End - piece.Start <= LongestWord)
            {
                _words.Add(_target.Chars[piece.Start..piece.End]);
            }
        }
    }

    /// <summary>The vocabulary in the order of its ids.</summary>
    /// <param name="progress">Told the tokens learned so far.</param>
    public IReadOnlyList<string> Train(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var learned = new MergeTable(Prefix);
        foreach (var token in s_special)
        {
            learned.AddToken(token);
        }

        var words = _words.InOrder();
        learned.AddAlphabet(words, _alphabetSize, []);
        foreach (var (word, count) in words)
        {
            learned.AddWord(word, count);
        }

        while (learned.Count < _size && learned.MergeBest(leastCount: 1))
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(learned.Count);
        }

        return learned.Tokens;
    }
}
