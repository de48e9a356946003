using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>The mark back to a space; those of the first token go if one was put there.</summary>
internal sealed class MetaspaceDecoder(Rune mark, bool prepended) : TokenDecoder
{
    private readonly string _mark = mark.ToString();

    internal override bool IsLocal => true;

    internal override List<string> Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            tokens[i] = tokens[i].Replace(_mark, i == 0 && prepended ? "" : " ", StringComparison.Ordinal);
        }

        return tokens;
    }
}
