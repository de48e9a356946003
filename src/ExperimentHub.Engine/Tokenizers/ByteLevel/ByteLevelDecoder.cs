using System.Text;
using ExperimentHub.Engine.Tokenizers.Decoders;

namespace ExperimentHub.Engine.Tokenizers.ByteLevel;

/// <summary>From the <see cref="ByteAlphabet"/> back to bytes and text; a token with any other character stands for itself.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    internal override bool IsLocal => true;

    internal override List<string> Decode(List<string> tokens)
    {
        var bytes = new byte[tokens.Sum(t => Encoding.UTF8.GetMaxByteCount(t.Length))];
        var count = 0;
        foreach (var token in tokens)
        {
            var start = count;
            foreach (var c in token)
            {
                var value = ByteAlphabet.Byte(c);
                if (value < 0)
                {
                    count = start + Encoding.UTF8.GetBytes(token, bytes.AsSpan(start));
                    break;
                }

                bytes[count++] = (byte)value;
            }
        }

        return [Encoding.UTF8.GetString(bytes, 0, count)];
    }
}
