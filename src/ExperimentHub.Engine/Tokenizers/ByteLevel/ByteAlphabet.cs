using System.Text;

namespace ExperimentHub.Engine.Tokenizers.ByteLevel;

/// <summary>
/// The printable characters that stand for bytes in byte-level vocabularies (GPT-2): the 188 printable ones of Latin 1 for themselves,
/// the other 68 bytes in order for U+0100 and up.
/// </summary>
internal static class ByteAlphabet
{
    private const int Others = 68;

    private static readonly char[] s_characters = Characters();
    private static readonly short[] s_bytes = Bytes();

    internal static ReadOnlySpan<char> All => s_characters;

    internal static char Character(byte value) => s_characters[value];

    /// <summary>The byte that a character stands for; -1 if it stands for none.</summary>
    internal static int Byte(char character) => character < s_bytes.Length ? s_bytes[character] : -1;

    /// <summary>A text in the alphabet: its bytes of UTF-8.</summary>
    internal static string Write(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = s_characters[source[i]];
            }
        });
    }

    /// <summary>The bytes that a token in the alphabet stands for; none if it has any other character.</summary>
    internal static byte[] Read(string token) =>
        token.All(c => Byte(c) >= 0) ? Array.ConvertAll(token.ToCharArray(), c => (byte)Byte(c)) : [];

    private static char[] Characters()
    {
        var characters = new char[256];
        var next = (char)0x100;
        for (var value = 0; value < 256; value++)
        {
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : next++;
        }

        return characters;
    }

    private static short[] Bytes()
    {
        var bytes = new short[0x100 + Others];
        Array.Fill<short>(bytes, -1);
        for (var value = 0; value < 256; value++)
        {
            bytes[s_characters[value]] = (short)value;
        }

        return bytes;
    }
}
