using System.Text;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Generation;

/// <summary>Whether a token completes one of some texts. The text may begin in the prompt, and may end inside the token.</summary>
internal sealed class StopStrings
{
    private readonly IReadOnlyList<string> _texts;
    private readonly Tokenizer? _tokenizer;
    private readonly int _tokens;

    /// <exception cref="InputException">There are texts, but no tokenizer to read tokens with.</exception>
    public StopStrings(IReadOnlyList<string> texts, Tokenizer? tokenizer)
    {
        _texts = texts;
        _tokenizer = texts.Count == 0 || tokenizer is not null
            ? tokenizer
            : throw new InputException("stop_strings needs the model's tokenizer, but the folder has none; add tokenizer.json.", "generation.stop_strings");

        // A token that shows anything stands for one byte at least; one more before the text, since a decoder may strip what comes first.
        _tokens = texts.Count == 0 ? 0 : texts.Max(Encoding.UTF8.GetByteCount) + 2;
    }

    /// <param name="tokens">Prompt and output, with the token just written.</param>
    public bool EndsWith(ReadOnlySpan<int> tokens)
    {
        if (_texts.Count == 0 || tokens.Length == 0)
        {
            return false;
        }

        var tail = tokens[Math.Max(0, tokens.Length - _tokens)..];
        var text = _tokenizer!.Decode(tail, skipSpecialTokens: false);
        var known = text.AsSpan().CommonPrefixLength(_tokenizer.Decode(tail[..^1], skipSpecialTokens: false));
        foreach (var stop in _texts)
        {
            for (var at = text.IndexOf(stop, StringComparison.Ordinal); at >= 0; at = text.IndexOf(stop, at + 1, StringComparison.Ordinal))
            {
                if (at + stop.Length > known)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
