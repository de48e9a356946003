using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// Tokens of pieces met before, in a table of fixed size: a newer piece takes the place of an older one. Entries never change and are
/// put in place with one write, so threads share the table without a lock.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longer pieces are rare and seldom met again.</summary>
    internal const int LongestPiece = 40;

    private const int Slots = 1 << 15;

    private readonly Entry?[] _entries = new Entry?[Slots];

    internal Entry? Find(ReadOnlySpan<char> piece, int hash)
    {
        var slot = hash & (Slots - 1);
        return _entries[slot] is { } entry && entry.Is(piece, hash) ? entry
            : _entries[slot ^ 1] is { } other && other.Is(piece, hash) ? other : null;
    }

    internal Entry Add(ReadOnlySpan<char> piece, int hash, PieceTokens tokens)
    {
        var entry = new Entry(piece.ToString(), hash, tokens);
        var slot = hash & (Slots - 1);
        _entries[_entries[slot] is null ? slot : slot ^ 1] = entry;
        return entry;
    }

    internal static int Hash(ReadOnlySpan<char> piece)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (ulong)piece.Length * Factor;
        while (piece.Length >= 4)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(piece))) * Factor;
            hash ^= hash >> 29;
            piece = piece[4..];
        }

        foreach (var c in piece)
        {
            hash = (hash ^ c) * Factor;
        }

        return (int)(hash >> 32);
    }

    /// <summary>A piece and its tokens.</summary>
    internal sealed class Entry(string piece, int hash, PieceTokens tokens)
    {
        internal int[] Ids { get; } = tokens.Ids.ToArray();

        internal int[] Firsts { get; } = tokens.Firsts.ToArray();

        internal int[] Lasts { get; } = tokens.Lasts.ToArray();

        internal bool Is(ReadOnlySpan<char> text, int textHash) => hash == textHash && text.SequenceEqual(piece);
    }
}
