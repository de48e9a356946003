using System.Runtime.CompilerServices;
using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>Reads the statements of a template.</summary>
internal sealed partial class Parser
{
    private readonly TokenStream _stream;
    private readonly ExpressionParser _expressions;
    private readonly Stack<string> _tags = new();
    private readonly Stack<string[]> _ends = new();

    private Parser(string template)
    {
        _stream = new TokenStream(Lexer.Read(template));
        _expressions = ExpressionParser.Create(_stream);
    }

    public static IReadOnlyList<Statement> Parse(string template)
    {
        var parser = new Parser(template);
        return parser.Statements();
    }

    /// <summary>Statements up to one of the tags that end the block, which is left as the current token; up to the end of the template without any.</summary>
    private List<Statement> Statements(params string[] ends)
    {
        if (_tags.Count > Node.MaxHeight || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateFault.Syntax($"nested more than {Node.MaxHeight} deep", _stream.Current.Line);
        }

        if (ends.Length > 0)
        {
            _ends.Push(ends);
        }

        var body = new List<Statement>();
        while (_stream.Current.Kind != TokenKind.End)
        {
            var token = _stream.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TemplateText(token.Text, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    body.Add(PrimaryParser.Measured(new Print(_expressions.ParseTuple(), token.Line)));
                    _stream.Expect(TokenKind.VariableEnd, "end of print statement");
                    break;
                default:
                    if (_stream.Current.Kind == TokenKind.Name && ends.Contains(_stream.Current.Text))
                    {
                        _ends.Pop();
                        return body;
                    }

                    body.AddRange(Statement().Select(PrimaryParser.Measured));
                    _stream.Expect(TokenKind.BlockEnd, "end of statement block");
                    break;
            }
        }

        return ends.Length == 0 ? body : throw Unclosed(null, _stream.Current.Line);
    }

    /// <summary>The body of a block: behind the end of its tag, up to and without the name of the tag that ends it.</summary>
    private List<Statement> Body(params string[] ends)
    {
        _stream.SkipSign(":");
        _stream.Expect(TokenKind.BlockEnd, "end of statement block");
        return Statements(ends);
    }

    /// <summary>A body whose end tag is taken too.</summary>
    private List<Statement> WholeBody(string end)
    {
        var body = Body(end);
        _stream.Next();
        return body;
    }

    private IEnumerable<Statement> Statement()
    {
        var token = _stream.Current;
        if (token.Kind != TokenKind.Name)
        {
            throw TemplateFault.Syntax("tag name expected", token.Line);
        }

        _tags.Push(token.Text);
        var statements = token.Text switch
        {
            "for" => [For()],
            "if" => [If()],
            "set" => [Set()],
            "macro" => [Macro()],
            "call" => [CallBlock()],
            "filter" => [FilterBlock()],
            "with" => [With()],
            "generation" => [GenerationBlock()],
            "break" or "continue" => [new Jump(_stream.Next().Text == "break" ? Flow.Break : Flow.Continue, token.Line)],
            "print" => PrintStatement(),
            "block" => [Block()],
            "autoescape" => [AutoEscape()],
            "include" or "import" or "from" or "extends" => [Loading()],
            _ => Unknown(token),
        };
        _tags.Pop();
        return statements;
    }

    private IEnumerable<Statement> Unknown(Token token)
    {
        _tags.Pop();
        throw Unclosed(token.Text, token.Line);
    }

    private TemplateFault Unclosed(string? unknown, int line)
    {
        var message = unknown is null ? "Unexpected end of template." : $"Encountered unknown tag '{InputException.Quote(unknown)}'.";
        if (_ends.TryPeek(out var wanted))
        {
            var tags = string.Join(" or ", wanted.Select(w => $"'{w}'"));
            message += unknown is not null && _ends.Any(e => e.Contains(unknown))
                ? $" You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {tags}."
                : $" Jinja was looking for the following tags: {tags}.";
        }

        return TemplateFault.Syntax(_tags.TryPeek(out var innermost) ? $"{message} The innermost block that needs to be closed is '{innermost}'." : message, line);
    }
}
