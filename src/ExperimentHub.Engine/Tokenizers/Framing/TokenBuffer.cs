namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Tokens of one text before special tokens are added: ids, where each stands in the original (UTF-16), which word it is of, and (where
/// a post-processor trims) the white space at its edges. With <see cref="Tracks"/> off only the ids are kept.
/// </summary>
internal sealed class TokenBuffer
{
    internal int[] Ids = new int[64];
    internal int[] Starts = [];
    internal int[] Ends = [];
    internal int[] Words = [];
    internal EdgeSpaces[] Edges = [];

    internal int Count { get; private set; }

    internal bool Tracks { get; private set; }

    /// <summary>The texts that places count in: one, or the words of a text given in words.</summary>
    internal IReadOnlyList<string> Sources { get; private set; } = [];

    internal void Start(bool tracks, IReadOnlyList<string> sources)
    {
        Count = 0;
        Tracks = tracks;
        Sources = sources;
        Grow(Ids.Length);
    }

    internal void Add(int id, int start, int end, int word, EdgeSpaces edges)
    {
        if (Count == Ids.Length)
        {
            Grow(2 * Count);
        }

        Ids[Count] = id;
        if (Tracks)
        {
            Starts[Count] = start;
            Ends[Count] = end;
            Words[Count] = word;
            Edges[Count] = edges;
        }

        Count++;
    }

    /// <summary>Adds tokens of which only the ids are asked for.</summary>
    internal void AddIds(ReadOnlySpan<int> ids)
    {
        if (Count + ids.Length > Ids.Length)
        {
            Grow(Math.Max(2 * Ids.Length, Count + ids.Length));
        }

        ids.CopyTo(Ids.AsSpan(Count));
        Count += ids.Length;
    }

    private void Grow(int capacity)
    {
        if (capacity > Ids.Length)
        {
            Array.Resize(ref Ids, capacity);
        }

        if (Tracks && Starts.Length < capacity)
        {
            Array.Resize(ref Starts, capacity);
            Array.Resize(ref Ends, capacity);
            Array.Resize(ref Words, capacity);
            Array.Resize(ref Edges, capacity);
        }
    }
}
