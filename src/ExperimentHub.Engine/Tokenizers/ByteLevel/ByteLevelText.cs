namespace ExperimentHub.Engine.Tokenizers.ByteLevel;

/// <summary>Rewrites text in the <see cref="ByteAlphabet"/>; all bytes of a character keep the place of that character.</summary>
internal static class ByteLevelText
{
    internal static void Append(NormalizedText source, int start, int end, NormalizedText target)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = start; i < end;)
        {
            var rune = UnicodeClasses.RuneAt(source.Chars, i, out var length);
            var count = rune.EncodeToUtf8(bytes);
            for (var b = 0; b < count; b++)
            {
                target.Append(ByteAlphabet.Character(bytes[b]), source.Start(i), source.End(i));
            }

            i += length;
        }
    }
}
