using System.Text;
using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Writes a text for every match of a pattern.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    internal override bool IsLocal => true;

    internal override List<string> Decode(List<string> tokens) => tokens.ConvertAll(Replace);

    private string Replace(string token)
    {
        if (token.Length == 0 || !pattern.Find(token, 0, out _, out _))
        {
            return token;
        }

        var text = new StringBuilder();
        var matches = new PatternMatches(pattern, token);
        var done = 0;
        while (matches.Next(out var start, out var end))
        {
            text.Append(token, done, start - done).Append(content);
            done = end;
        }

        return text.Append(token, done, token.Length - done).ToString();
    }
}
