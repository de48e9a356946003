using ExperimentHub.Engine.Tokenizers.Decoders;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Text while its tokens still come. All pieces and the rest together are what <see cref="Tokenizer.Decode"/> gives for all ids; no
/// piece ends inside a character, and nothing shown is ever taken back. For one stream of tokens and one thread.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly TokenDecoder _decoder;
    private readonly Func<int, string?> _token;

    /// <summary>Tokens whose text is needed: those of the piece shown last, and those after it.</summary>
    private readonly List<string> _tokens = [];

    private int _shownTokens;

    internal StreamingDecoder(TokenDecoder decoder, Func<int, string?> token) => (_decoder, _token) = (decoder, token);

    /// <summary>The text that is certain after this id; empty if none is yet.</summary>
    public string Add(int id)
    {
        if (_token(id) is not { } token)
        {
            return "";
        }

        _tokens.Add(token);
        return _decoder.IsLocal && !_decoder.IsOpen(token) ? Next(atEnd: false) : "";
    }

    /// <summary>What is left when no more ids come.</summary>
    public string Finish() => Next(atEnd: true);

    private string Next(bool atEnd)
    {
        var text = Text(_tokens);
        var shown = _shownTokens == 0 ? "" : Text(_tokens[.._shownTokens]);
        if (text.Length <= shown.Length || (!atEnd && text[^1] == '\uFFFD'))
        {
            return "";   // U+FFFD may be the beginning of a character that the next ids complete
        }

        // The first tokens of a text are decoded otherwise than later ones, so one piece is kept before the next.
        _tokens.RemoveRange(0, _shownTokens);
        _shownTokens = _tokens.Count;
        return text[shown.Length..];
    }

    private string Text(List<string> tokens) => string.Concat(_decoder.Decode([.. tokens]));
}
