namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>The tokens of a template, and a look at the next one.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private int _at;

    public Token Current => tokens[_at];

    public Token Following => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Next()
    {
        var current = tokens[_at];
        _at = Math.Min(_at + 1, tokens.Count - 1);
        return current;
    }

    public bool SkipSign(string sign) => Skip(Current.IsSign(sign));

    public bool SkipName(string name) => Skip(Current.IsName(name));

    public Token Expect(TokenKind kind, string description) => Current.Kind == kind ? Next() : throw Unexpected(description);

    public Token ExpectSign(string sign) => Current.IsSign(sign) ? Next() : throw Unexpected(sign);

    public Token ExpectName(string name) => Current.IsName(name) ? Next() : throw Unexpected(name);

    private TemplateFault Unexpected(string expected) => TemplateFault.Syntax(
        Current.Kind == TokenKind.End ? $"unexpected end of template, expected '{expected}'" : $"expected token '{expected}', got '{Current.Description}'",
        Current.Line);

    private bool Skip(bool isThere)
    {
        if (isThere)
        {
            Next();
        }

        return isThere;
    }
}
