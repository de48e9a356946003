using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Cuts where the script changes, as SentencePiece does in training: Hiragana and Katakana count as Han, spaces and unknown scripts as any.</summary>
internal sealed class UnicodeScriptsPreTokenizer : Splitter
{
    private const string Han = "Han";
    private const int ProlongedSoundMark = 0x30FC;

    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        // What comes before the first character of a known script is lost, as in the library.
        string? last = null;
        var start = -1;
        for (var i = 0; i < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, i, out var length);
            if (Script(rune.Value) is { } script && script != last)
            {
                if (start >= 0)
                {
                    pieces.Add(new(offset + start, offset + i));
                }

                (start, last) = (i, script);
            }

            i += length;
        }

        if (start >= 0)
        {
            pieces.Add(new(offset + start, offset + text.Length));
        }
    }

    private static string? Script(int codePoint) => codePoint switch
    {
        ProlongedSoundMark => Han,
        ' ' => null,
        _ => ScriptTable.Of(codePoint) is var script && script is "Hiragana" or "Katakana" ? Han : script,
    };
}
