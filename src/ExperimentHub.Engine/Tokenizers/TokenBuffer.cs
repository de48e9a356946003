namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Tokens of one text before special tokens are added: ids, where each stands in the original (UTF-16), and which word it is of.</summary>
internal sealed class TokenBuffer
{
    internal List<int> Ids { get; } = [];

    internal List<int> Starts { get; } = [];

    internal List<int> Ends { get; } = [];

    internal List<int> Words { get; } = [];

    internal int Count => Ids.Count;

    internal void Add(int id, int start, int end, int word)
    {
        Ids.Add(id);
        Starts.Add(start);
        Ends.Add(end);
        Words.Add(word);
    }

    internal void RemoveFrom(int index)
    {
        var count = Count - index;
        Ids.RemoveRange(index, count);
        Starts.RemoveRange(index, count);
        Ends.RemoveRange(index, count);
        Words.RemoveRange(index, count);
    }

    internal void Clear()
    {
        Ids.Clear();
        Starts.Clear();
        Ends.Clear();
        Words.Clear();
    }
}
