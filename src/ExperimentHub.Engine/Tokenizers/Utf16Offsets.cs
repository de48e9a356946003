namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Positions in a text, from UTF-16 units (C# string indexes) to what other programs count.</summary>
public static class Utf16Offsets
{
    /// <summary>Each position in Unicode code points, as Python counts; a position inside a pair of surrogates counts as before it.</summary>
    public static int[] ToCodePoints(string text, ReadOnlySpan<int> positions) => Convert(text, positions, static (before, c) => before + (char.IsLowSurrogate(c) ? 0 : 1));

    /// <summary>Each position in bytes of UTF-8.</summary>
    public static int[] ToBytes(string text, ReadOnlySpan<int> positions) => Convert(text, positions, static (before, c) => before + c switch
    {
        < '\u0080' => 1,
        < '\u0800' => 2,
        _ when char.IsSurrogate(c) => 2,   // half of four
        _ => 3,
    });

    private static int[] Convert(string text, ReadOnlySpan<int> positions, Func<int, char, int> step)
    {
        var counts = new int[text.Length + 1];
        for (var i = 0; i < text.Length; i++)
        {
            counts[i + 1] = step(counts[i], text[i]);
        }

        var converted = new int[positions.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            converted[i] = counts[positions[i]];
        }

        return converted;
    }
}
