using System.Buffers;
using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's character map as the tokenizers library applies it: a grapheme cluster of less than six bytes becomes the text of its
/// shortest prefix in the map, as a whole; what is not there goes character by character.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int LongestCluster = 5;

    private readonly PrecompiledMap _map;

    /// <summary>ASCII characters that the map leaves as they are.</summary>
    private readonly SearchValues<char> _kept;

    /// <summary>Characters of the basic plane that the map leaves as they are: 0 not looked up yet, 1 kept, 2 mapped.</summary>
    private readonly byte[] _known = new byte[0x10000];

    internal PrecompiledNormalizer(PrecompiledMap map)
    {
        _map = map;
        _kept = SearchValues.Create([.. Enumerable.Range(0, 0x80).Where(c => c != '\r' && map.Shortest([(byte)c]) is null).Select(c => (char)c)]);
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
        if (Encoding.UTF8.GetByteCount(cluster) <= LongestCluster && _map.Shortest(bytes[..Encoding.UTF8.GetBytes(cluster, bytes)]) is { } whole)
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
            if (_map.Shortest(bytes[..rune.EncodeToUtf8(bytes)]) is { } text)
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
            _known[c] = (byte)(char.IsSurrogate(c) || _map.Shortest(bytes[..new Rune(c).EncodeToUtf8(bytes)]) is not null ? 2 : 1);
        }

        return _known[c] == 1;
    }
}
