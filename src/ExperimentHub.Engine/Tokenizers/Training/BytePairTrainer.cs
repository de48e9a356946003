using System.Text;
using ExperimentHub.Engine.Tokenizers.ByteLevel;
using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// Learns a BPE vocabulary (Sennrich et al. 2016) from texts, with the tokens, ids and merges of the tokenizers library: special tokens
/// first, then the alphabet by code point, then merges, the most frequent pair first and of equals the one with the smaller ids.
/// </summary>
public sealed class BytePairTrainer
{
    private readonly BytePairTraining _training;
    private readonly PreTokenizer _preTokenizer;
    private readonly NormalizedText _text = new();
    private readonly PreTokenizedText _cut = new();
    private readonly WordCounts _words = new();

    /// <exception cref="InputException">The pattern is not supported.</exception>
    public BytePairTrainer(BytePairTraining training)
    {
        _training = training;
        _preTokenizer = !training.ByteLevel ? new MetaspacePreTokenizer(new('▁'), PrependScheme.Always, split: true)
            : training.Pattern is null ? new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true)
            : new SequencePreTokenizer([new PatternSplitter(Pattern(training.Pattern), SplitBehavior.Isolated, invert: false), new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: false)]);
    }

    /// <summary>Counts the words of a text.</summary>
    public void Add(string text)
    {
        _text.Set(text, 0, tracks: false);
        _cut.Start(_text, new(0, _text.Length));
        _preTokenizer.Apply(_cut);
        foreach (var piece in _cut.Pieces)
        {
            _words.Add(_cut.Text.Chars[piece.Start..piece.End]);
        }
    }

    /// <param name="progress">Told the tokens learned so far.</param>
    public BytePairVocabulary Train(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var learned = new MergeTable("", _training.LongestToken);
        foreach (var token in _training.Special)
        {
            learned.AddToken(token);
        }

        var words = _words.InOrder();
        learned.AddAlphabet(words, int.MaxValue, _training.ByteLevel ? ByteAlphabet.All.ToArray().Select(c => new Rune(c)) : []);
        foreach (var (word, count) in words)
        {
            learned.AddWord(word, count);
        }

        while (learned.Count < _training.Size && learned.MergeBest(_training.LeastCount))
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(learned.Count);
        }

        return new(learned.Tokens, [.. learned.Merges.Select(m => (learned.Tokens[m.Left], learned.Tokens[m.Right]))]);
    }

    private static TextPattern Pattern(string regex)
    {
        try
        {
            return TextPatterns.Of(regex);
        }
        catch (PatternSyntaxException e)
        {
            throw new InputException(
                $"The pattern '{InputException.Quote(regex)}' is not supported ({InputException.Quote(e.Message, 100)}).", "tokenizer.training_pattern", InputException.Quote(regex), InputException.Quote(e.Message, 100));
        }
    }
}
