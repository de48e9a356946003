namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>Tokens of one piece: ids, and the first and last UTF-16 unit of the piece that each has part in (both inclusive).</summary>
internal sealed class PieceTokens
{
    private int[] _ids = new int[16];
    private int[] _firsts = new int[16];
    private int[] _lasts = new int[16];

    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    internal ReadOnlySpan<int> Firsts => _firsts.AsSpan(0, Count);

    internal ReadOnlySpan<int> Lasts => _lasts.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    internal void Add(int id, int first, int last)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, 2 * Count);
            Array.Resize(ref _firsts, 2 * Count);
            Array.Resize(ref _lasts, 2 * Count);
        }

        _ids[Count] = id;
        _firsts[Count] = first;
        _lasts[Count++] = last;
    }
}
