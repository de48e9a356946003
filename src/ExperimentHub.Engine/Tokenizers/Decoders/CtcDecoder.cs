namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>For outputs of connectionist temporal classification (Graves et al. 2006): repeated tokens are one, padding separates them.</summary>
internal sealed class CtcDecoder(string pad, string wordDelimiter, bool cleanup) : TokenDecoder
{
    /// <summary>A token counts or not by the one before it.</summary>
    internal override bool IsLocal => false;

    internal override List<string> Decode(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
            {
                continue;
            }

            var text = pad.Length > 0 ? tokens[i].Replace(pad, "", StringComparison.Ordinal) : tokens[i];
            if (cleanup)
            {
                text = WordPieceDecoder.CleanUp(text);
                text = wordDelimiter.Length > 0 ? text.Replace(wordDelimiter, " ", StringComparison.Ordinal) : text;
            }

            if (text.Length > 0)
            {
                decoded.Add(text);
            }
        }

        return decoded;
    }
}
