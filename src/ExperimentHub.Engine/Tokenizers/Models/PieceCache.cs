using System.Runtime.CompilerServices;
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

    private readonly int[]?[] _entries = new int[]?[Slots];

    /// <summary>What is known of a piece; its <see cref="Entry.IsKnown"/> is false if nothing is.</summary>
    internal Entry Find(ReadOnlySpan<char> piece, int hash)
    {
        var slot = hash & (Slots - 1);
        var entry = new Entry(_entries[slot]);
        if (entry.Is(piece, hash))
        {
            return entry;
        }

        var other = new Entry(_entries[slot ^ 1]);
        return other.Is(piece, hash) ? other : default;
    }

    internal Entry Add(ReadOnlySpan<char> piece, int hash, PieceTokens tokens)
    {
        var entry = Entry.Write(piece, hash, tokens);
        var slot = hash & (Slots - 1);
        _entries[_entries[slot] is null ? slot : slot ^ 1] = entry;
        return new Entry(entry);
    }

    internal static int Hash(ReadOnlySpan<char> piece)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (ulong)piece.Length * Factor;
        ulong last = 0;
        if (piece.Length >= 4)
        {
            for (var at = 0; at < piece.Length - 4; at += 4)
            {
                hash = (hash ^ Four(piece[at..])) * Factor;
                hash ^= hash >> 29;
            }

            last = Four(piece[^4..]);   // may overlap with what was read before
        }
        else
        {
            foreach (var c in piece)
            {
                last = (last << 16) | c;
            }
        }

        return (int)(((hash ^ last) * Factor) >> 32);
    }

    private static ulong Four(ReadOnlySpan<char> chars) => MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(chars));

    /// <summary>
    /// A piece and its tokens as one array, so that a look-up waits for memory once: the hash, the lengths, the characters two by two,
    /// the ids, and the first and last unit of each token.
    /// </summary>
    internal readonly struct Entry(int[]? values)
    {
        private const int Head = 3;

        internal bool IsKnown => values is not null;

        internal ReadOnlySpan<int> Ids => Row(0);

        internal ReadOnlySpan<int> Firsts => Row(1);

        internal ReadOnlySpan<int> Lasts => Row(2);

        internal static int[] Write(ReadOnlySpan<char> piece, int hash, PieceTokens tokens)
        {
            var ids = Head + ((piece.Length + 1) / 2);
            var entry = new int[ids + (3 * tokens.Count)];
            (entry[0], entry[1], entry[2]) = (hash, piece.Length, tokens.Count);
            piece.CopyTo(MemoryMarshal.Cast<int, char>(entry.AsSpan(Head)));
            tokens.Ids.CopyTo(entry.AsSpan(ids));
            tokens.Firsts.CopyTo(entry.AsSpan(ids + tokens.Count));
            tokens.Lasts.CopyTo(entry.AsSpan(ids + (2 * tokens.Count)));
            return entry;
        }

        internal bool Is(ReadOnlySpan<char> piece, int hash)
        {
            if (values is null)
            {
                return false;
            }

            ref var head = ref MemoryMarshal.GetArrayDataReference(values);
            return head == hash && Unsafe.Add(ref head, 1) == piece.Length &&
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<int, char>(ref Unsafe.Add(ref head, Head)), piece.Length).SequenceEqual(piece);
        }

        /// <summary>Without checks of the bounds: <see cref="Write"/> alone makes entries.</summary>
        private ReadOnlySpan<int> Row(int row)
        {
            ref var head = ref MemoryMarshal.GetArrayDataReference(values!);
            var (length, count) = (Unsafe.Add(ref head, 1), Unsafe.Add(ref head, 2));
            return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref head, Head + ((length + 1) >> 1) + (row * count)), count);
        }
    }
}
