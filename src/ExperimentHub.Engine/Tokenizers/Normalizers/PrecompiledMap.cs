using System.Buffers.Binary;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's character map: a double-array trie over the UTF-8 of what is replaced, and the texts that it becomes. The bytes are a
/// stranger's, so every step is checked.
/// </summary>
internal sealed class PrecompiledMap
{
    private readonly uint[] _trie;
    private readonly byte[] _texts;

    private PrecompiledMap(uint[] trie, byte[] texts) => (_trie, _texts) = (trie, texts);

    /// <summary>Null if the bytes are no such map.</summary>
    internal static PrecompiledMap? Read(ReadOnlySpan<byte> map)
    {
        if (map.Length < 4)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (size < 4 || size % 4 != 0 || size > map.Length - 4)
        {
            return null;
        }

        var trie = new uint[size / 4];
        for (var i = 0; i < trie.Length; i++)
        {
            trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        }

        return new PrecompiledMap(trie, map[(4 + (int)size)..].ToArray());
    }

    /// <summary>What the shortest key that <paramref name="utf8"/> begins with becomes; null if there is none.</summary>
    internal string? Shortest(ReadOnlySpan<byte> utf8) => Find(utf8, longest: false, out _);

    /// <summary>What the longest key that <paramref name="utf8"/> begins with becomes; null if there is none.</summary>
    /// <param name="length">Bytes of that key.</param>
    internal string? Longest(ReadOnlySpan<byte> utf8, out int length) => Find(utf8, longest: true, out length);

    private string? Find(ReadOnlySpan<byte> utf8, bool longest, out int length)
    {
        length = 0;
        var start = uint.MaxValue;
        var node = Offset(_trie[0]);
        for (var i = 0; i < utf8.Length; i++)
        {
            var b = utf8[i];
            node ^= b;
            if (b == 0 || node >= (uint)_trie.Length || (_trie[node] & 0x800000FF) != b)
            {
                break;
            }

            var unit = _trie[node];
            node ^= Offset(unit);
            if ((unit & 0x100) != 0 && node < (uint)_trie.Length)
            {
                (start, length) = (_trie[node] & 0x7FFFFFFF, i + 1);
                if (!longest)
                {
                    break;
                }
            }
        }

        if (start >= (uint)_texts.Length)
        {
            return null;
        }

        var text = _texts.AsSpan((int)start);
        var end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
