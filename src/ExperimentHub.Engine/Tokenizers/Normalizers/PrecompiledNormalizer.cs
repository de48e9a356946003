using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's character map (a double-array trie and the texts it points to) as the tokenizers library applies it: a grapheme
/// cluster of less than six bytes becomes the text of its shortest prefix in the map, as a whole; what is not there goes character by character.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int LongestCluster = 5;

    private readonly uint[] _trie;
    private readonly byte[] _texts;

    /// <summary>ASCII characters that the map leaves as they are.</summary>
    private readonly SearchValues<char> _kept;

    /// <summary>Characters of the basic plane that the map leaves as they are: 0 not looked up yet, 1 kept, 2 mapped.</summary>
    private readonly byte[] _known = new byte[0x10000];

    private PrecompiledNormalizer(uint[] trie, byte[] texts)
    {
        (_trie, _texts) = (trie, texts);
        _kept = SearchValues.Create([.. Enumerable.Range(0, 0x80).Where(c => c != '\r' && Find([(byte)c]) is null).Select(c => (char)c)]);
    }

    /// <summary>Null if the bytes are no such map.</summary>
    internal static PrecompiledNormalizer? Read(ReadOnlySpan<byte> map)
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

        return new PrecompiledNormalizer(trie, map[(4 + (int)size)..].ToArray());
    }

    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        var writer = new TransformWriter(source, target);
        for (var i = 0; i < chars.Length;)
        {
            var run = chars[i..].IndexOfAnyExcept(_kept);
            run = run < 0 ? chars.Length - i : run > 0 && chars[i + run] >= 0x300 ? run - 1 : run;   // a mark belongs to what is before it
            if (run > 0)
            {
                writer.Keep(i, run);
                i += run;
                continue;
            }

            var length = StringInfo.GetNextTextElementLength(chars[i..]);
            Cluster(chars, i, length, ref writer);
            i += length;
        }

        writer.Flush();
    }

    private void Cluster(ReadOnlySpan<char> chars, int start, int length, ref TransformWriter writer)
    {
        var cluster = chars.Slice(start, length);
        if (cluster.Length == 1 && IsKept(cluster[0]))
        {
            writer.Keep(start, 1);
            return;
        }

        Span<byte> bytes = stackalloc byte[LongestCluster];
        if (Encoding.UTF8.GetByteCount(cluster) <= LongestCluster && Find(bytes[..Encoding.UTF8.GetBytes(cluster, bytes)]) is { } whole)
        {
            var characters = 0;
            foreach (var _ in cluster.EnumerateRunes())
            {
                characters++;
            }

            Replace(characters, whole, ref writer);
            return;
        }

        foreach (var rune in cluster.EnumerateRunes())
        {
            if (Find(bytes[..rune.EncodeToUtf8(bytes)]) is { } text)
            {
                Replace(1, text, ref writer);
            }
            else
            {
                writer.Add(rune, 0);
            }
        }
    }

    private static void Replace(int characters, string text, ref TransformWriter writer)
    {
        var written = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            writer.Add(rune, written < characters ? 0 : 1);
            written++;
        }

        if (written < characters)
        {
            writer.AlsoTakes(characters - written);
        }
    }

    private bool IsKept(char c)
    {
        if (_known[c] == 0)
        {
            Span<byte> bytes = stackalloc byte[4];
            _known[c] = (byte)(char.IsSurrogate(c) || Find(bytes[..new Rune(c).EncodeToUtf8(bytes)]) is not null ? 2 : 1);
        }

        return _known[c] == 1;
    }

    /// <summary>The text of the shortest key that <paramref name="key"/> begins with; the trie is a stranger's, so every step is checked.</summary>
    private string? Find(ReadOnlySpan<byte> key)
    {
        var node = Offset(_trie[0]);
        foreach (var b in key)
        {
            node ^= b;
            if (b == 0 || node >= (uint)_trie.Length || (_trie[node] & 0x800000FF) != b)
            {
                return null;
            }

            var unit = _trie[node];
            node ^= Offset(unit);
            if ((unit & 0x100) != 0 && node < (uint)_trie.Length)
            {
                var start = _trie[node] & 0x7FFFFFFF;
                if (start >= (uint)_texts.Length)
                {
                    return null;
                }

                var text = _texts.AsSpan((int)start);
                var end = text.IndexOf((byte)0);
                return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
            }
        }

        return null;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
