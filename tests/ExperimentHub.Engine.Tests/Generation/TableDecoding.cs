using ExperimentHub.Engine.Generation;

namespace ExperimentHub.Engine.Tests.Generation;

/// <summary>A model made up of a table: the scores of what follows depend on the last three tokens of a row alone. It keeps its rows as a model keeps its cache.</summary>
internal sealed class TableDecoding(int vocabularySize, int salt = 0, int maxLength = 1000) : IDecoding
{
    private List<List<int>> _rows = [];

    public int VocabularySize => vocabularySize;

    public int MaxLength => maxLength;

    /// <summary>How many rows it has read tokens of, in all.</summary>
    public int Work { get; private set; }

    public static float[] Scores(ReadOnlySpan<int> tokens, int vocabularySize, int salt)
    {
        var context = salt;
        foreach (var token in tokens[Math.Max(0, tokens.Length - 3)..])
        {
            context = (context * 31) + token + 1;
        }

        return [.. Enumerable.Range(0, vocabularySize).Select(v => (float)(4 * CounterRandom.Uniform(5, (ulong)context, (ulong)v)))];
    }

    public Span<float> Begin(IReadOnlyList<int[]> prompts)
    {
        _rows = [.. prompts.Select(p => p.ToList())];
        return Row(1);
    }

    public Span<float> Next(scoped ReadOnlySpan<int> tokens)
    {
        var each = tokens.Length / _rows.Count;
        for (var i = 0; i < tokens.Length; i++)
        {
            _rows[i / each].Add(tokens[i]);
        }

        return Row(each);
    }

    public void Select(ReadOnlySpan<int> rows)
    {
        var before = _rows;
        _rows = [.. rows.ToArray().Select(r => before[r].ToList())];
    }

    public void Rewind(int tokens) => _rows.ForEach(r => r.RemoveRange(r.Count - tokens, tokens));

    public void Dispose() => _rows.Clear();

    private Span<float> Row(int each)
    {
        Work += _rows.Count * each;
        return _rows.SelectMany(r => Enumerable.Range(1 - each, each).SelectMany(back => Scores([.. r[..(r.Count + back)]], vocabularySize, salt))).ToArray();
    }
}
