using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Tokens such as <c>&lt;0xE4&gt;</c> back to text: a run of them is UTF-8 as a whole, or else each is U+FFFD.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    internal override bool IsLocal => true;

    internal override bool IsOpen(string token) => ByteOf(token) is not null;

    internal override List<string> Decode(List<string> tokens)
    {
        if (!tokens.Exists(IsOpen))
        {
            return tokens;
        }

        var decoded = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                run.Add(value);
                continue;
            }

            End(run, decoded);
            decoded.Add(token);
        }

        End(run, decoded);
        return decoded;
    }

    private static void End(List<byte> run, List<string> decoded)
    {
        if (run.Count == 0)
        {
            return;
        }

        try
        {
            decoded.Add(s_strictUtf8.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            // All or nothing, as the library: whole characters among the bytes are lost too.
            decoded.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }

        run.Clear();
    }

    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' &&
        byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
