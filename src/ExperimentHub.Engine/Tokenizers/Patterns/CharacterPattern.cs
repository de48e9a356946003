using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Any one character of a class.</summary>
internal sealed class CharacterPattern(Func<Rune, bool> contains) : TextPattern
{
    internal override bool Find(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = from; start < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, start, out var length);
            end = start + length;
            if (contains(rune))
            {
                return true;
            }

            start = end;
        }

        end = start;
        return false;
    }
}
