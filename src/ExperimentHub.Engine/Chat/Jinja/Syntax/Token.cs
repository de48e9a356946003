using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

internal enum TokenKind
{
    Data,
    BlockBegin,
    BlockEnd,
    VariableBegin,
    VariableEnd,
    Name,
    Text,
    Number,
    Sign,
    End,
}

/// <param name="Text">A name, a sign, the content of a literal text, or text of the template.</param>
/// <param name="Number">The value of a number.</param>
internal sealed record Token(TokenKind Kind, string Text, int Line, Value? Number = null)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsSign(string sign) => Kind == TokenKind.Sign && Text == sign;

    /// <summary>For messages.</summary>
    public string Description => Kind switch
    {
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.Data => "template data / text",
        TokenKind.Text => "string",
        TokenKind.Number => Number is IntValue ? "integer" : "float",
        TokenKind.End => "end of template",
        _ => InputException.Quote(Text),
    };
}
