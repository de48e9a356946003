using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>How often each word occurs. Beyond a number that no real corpus needs, new words are no longer taken.</summary>
internal sealed class WordCounts
{
    private const int MostWords = 4_000_000;

    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);

    internal void Add(ReadOnlySpan<char> word)
    {
        var words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (_words.Count < MostWords || words.ContainsKey(word))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(words, word, out _)++;
        }
    }

    /// <summary>The most frequent first, equals by their letters: the same for the same texts in any order.</summary>
    internal List<KeyValuePair<string, int>> InOrder() => [.. _words.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal)];
}
