using ExperimentHub.Engine.Chat.Jinja.Nodes;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>Reads names, literals and signs.</summary>
internal sealed class PrimaryParser(TokenStream stream)
{
    private int _depth;

    public ExpressionParser Expressions { get; set; } = null!;

    public PostfixParser Behind { get; set; } = null!;

    /// <summary>Measures a node, so that no chain of operators grows too deep to walk.</summary>
    public static T Measured<T>(T node)
        where T : Node
    {
        node.Measure();
        return node;
    }

    public static void MarkTarget(Expression target, NameUse use, int line)
    {
        switch (target)
        {
            case Name { Text: "true" or "false" or "none" or "True" or "False" or "None" } constant:
                throw TemplateFault.Syntax($"can't assign to '{constant.Text}'", line);
            case Name name:
                name.Use = use;
                break;
            case NamespaceTarget:
                break;
            case TupleLiteral tuple:
                foreach (var item in tuple.Items)
                {
                    MarkTarget(item, use, line);
                }

                break;
            default:
                throw TemplateFault.Syntax($"can't assign to '{(target is Constant ? "const" : target.GetType().Name.ToLowerInvariant())}'", line);
        }
    }

    public void Enter()
    {
        if (++_depth > Node.MaxHeight)
        {
            throw TemplateFault.Syntax($"nested more than {Node.MaxHeight} deep", stream.Current.Line);
        }
    }

    public void Leave() => _depth--;

    /// <summary>An operand with its sign. Filters bind tighter than operators, but not tighter than the sign.</summary>
    public Expression Unary(bool withFilter = true)
    {
        var token = stream.Current;
        Expression node;
        if (token.IsSign("-") || token.IsSign("+"))
        {
            stream.Next();
            Enter();
            node = Measured(new Sign(token.Text == "-", Unary(withFilter: false), token.Line));
            Leave();
        }
        else
        {
            node = Parse(withNamespace: false);
        }

        node = Behind.Postfix(node);
        return withFilter ? Behind.FiltersAndTests(node) : node;
    }

    public Expression Parse(bool withNamespace)
    {
        var token = stream.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                stream.Next();
                return NameOrConstant(token, withNamespace);
            case TokenKind.Text:
                return Text();
            case TokenKind.Number:
                stream.Next();
                return new Constant(token.Number!, token.Line);
            case TokenKind.Sign when token.Text == "(":
                stream.Next();
                var inner = Expressions.ParseTuple(inParentheses: true);
                stream.ExpectSign(")");
                return inner;
            case TokenKind.Sign when token.Text == "[":
                return List();
            case TokenKind.Sign when token.Text == "{":
                return Dict();
            default:
                throw TemplateFault.Syntax($"unexpected '{token.Description}'", token.Line);
        }
    }

    private Expression NameOrConstant(Token token, bool withNamespace)
    {
        Value? constant = token.Text switch
        {
            "true" or "True" => BoolValue.True,
            "false" or "False" => BoolValue.False,
            "none" or "None" => NoneValue.None,
            _ => null,
        };
        if (constant is not null)
        {
            return new Constant(constant, token.Line);
        }

        return withNamespace && stream.SkipSign(".")
            ? new NamespaceTarget(token.Text, stream.Expect(TokenKind.Name, "name").Text, token.Line)
            : new Name(token.Text, token.Line);
    }

    private Constant Text()
    {
        var line = stream.Current.Line;
        var text = new System.Text.StringBuilder();
        while (stream.Current.Kind == TokenKind.Text)
        {
            text.Append(stream.Next().Text);
        }

        return new Constant(StrValue.Of(text.ToString()), line);
    }

    private ListLiteral List()
    {
        var line = stream.Next().Line;
        var items = new List<Expression>();
        Separated("]", () => items.Add(Expressions.Parse()));
        return Measured(new ListLiteral(items, line));
    }

    private DictLiteral Dict()
    {
        var line = stream.Next().Line;
        var items = new List<(Expression, Expression)>();
        Separated("}", () =>
        {
            var key = Expressions.Parse();
            stream.ExpectSign(":");
            items.Add((key, Expressions.Parse()));
        });
        return Measured(new DictLiteral(items, line));
    }

    /// <summary>Items with commas between, and one behind the last if the author likes.</summary>
    public void Separated(string end, Action parseItem)
    {
        for (var isFirst = true; !stream.Current.IsSign(end); isFirst = false)
        {
            if (!isFirst)
            {
                stream.ExpectSign(",");
                if (stream.Current.IsSign(end))
                {
                    break;
                }
            }

            parseItem();
        }

        stream.ExpectSign(end);
    }
}
