using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Takes up to so many of one character off each token's start and end.</summary>
internal sealed class StripDecoder(Rune character, int start, int stop) : TokenDecoder
{
    private readonly string _character = character.ToString();

    internal override bool IsLocal => start <= 1 && stop == 0;

    internal override List<string> Decode(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var (first, last) = (0, token.Length);
        for (var i = 0; i < start && string.CompareOrdinal(token, first, _character, 0, _character.Length) == 0; i++)
        {
            first += _character.Length;
        }

        for (var i = 0; i < stop && last - first >= _character.Length && token.AsSpan(0, last).EndsWith(_character, StringComparison.Ordinal); i++)
        {
            last -= _character.Length;
        }

        return token[first..last];
    }
}
