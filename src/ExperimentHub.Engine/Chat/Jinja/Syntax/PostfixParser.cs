using ExperimentHub.Engine.Chat.Jinja.Nodes;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>Reads what is written behind a value: attributes, indexes, calls, filters and tests.</summary>
internal sealed class PostfixParser(TokenStream stream, ExpressionParser expressions)
{
    /// <summary>Filters in a row; the first may stand without its bar, as in <c>{% filter upper %}</c>.</summary>
    public FilterCall? ParseFilters(Expression? operand, bool startsInline = false)
    {
        FilterCall? filter = null;
        while (startsInline || stream.Current.IsSign("|"))
        {
            if (!startsInline)
            {
                stream.Next();
            }

            startsInline = false;
            var line = stream.Current.Line;
            var name = DottedName();
            var arguments = stream.Current.IsSign("(") ? Arguments() : CallArguments.None;
            filter = PrimaryParser.Measured(new FilterCall(filter ?? operand, name, arguments, line));
        }

        return filter;
    }

    public Expression Postfix(Expression node)
    {
        while (true)
        {
            var token = stream.Current;
            if (token.IsSign("."))
            {
                stream.Next();
                node = PrimaryParser.Measured(Dotted(node, token.Line));
            }
            else if (token.IsSign("["))
            {
                stream.Next();
                node = PrimaryParser.Measured(Subscript(node, token.Line));
            }
            else if (token.IsSign("("))
            {
                node = PrimaryParser.Measured(new Call(node, Arguments(), token.Line));
            }
            else
            {
                return node;
            }
        }
    }

    public Expression FiltersAndTests(Expression node)
    {
        while (true)
        {
            var token = stream.Current;
            if (token.IsSign("|"))
            {
                node = ParseFilters(node)!;
            }
            else if (token.IsName("is"))
            {
                node = Test(node);
            }
            else if (token.IsSign("("))
            {
                node = PrimaryParser.Measured(new Call(node, Arguments(), token.Line));
            }
            else
            {
                return node;
            }
        }
    }

    private Expression Dotted(Expression owner, int line)
    {
        var token = stream.Next();
        return token switch
        {
            { Kind: TokenKind.Name } => new Nodes.Attribute(owner, token.Text, line),
            { Kind: TokenKind.Number, Number: IntValue } => new Item(owner, new Constant(token.Number, token.Line), line),
            _ => throw TemplateFault.Syntax("expected name or number", token.Line),
        };
    }

    private Expression Subscript(Expression owner, int line)
    {
        var parts = new List<Expression>();
        while (!stream.Current.IsSign("]"))
        {
            if (parts.Count > 0)
            {
                stream.ExpectSign(",");
            }

            var start = stream.Current.IsSign(":") ? null : expressions.Parse();
            if (!stream.Current.IsSign(":"))
            {
                parts.Add(start!);
                continue;
            }

            var slice = SliceOf(owner, start, line);
            return parts.Count == 0 && stream.Current.IsSign("]") && stream.Next() is not null
                ? slice
                : throw TemplateFault.Syntax("invalid syntax: a slice among several indexes", line);
        }

        stream.ExpectSign("]");
        return new Item(owner, parts.Count == 1 ? parts[0] : new TupleLiteral(parts, line), line);
    }

    private Slice SliceOf(Expression owner, Expression? start, int line)
    {
        var bounds = new Expression?[2];
        for (var i = 0; i < bounds.Length && stream.SkipSign(":"); i++)
        {
            var isOpen = stream.Current.IsSign(":") || stream.Current.IsSign("]") || stream.Current.IsSign(",");
            bounds[i] = isOpen ? null : expressions.Parse();
        }

        return new Slice(owner, start, bounds[0], bounds[1], line);
    }

    private CallArguments Arguments()
    {
        var open = stream.ExpectSign("(");
        var positional = new List<Expression>();
        var named = new List<KeyValuePair<string, Expression>>();
        Expression? spread = null;
        Expression? namedSpread = null;
        expressions.Primary.Separated(")", () =>
        {
            var isRight = namedSpread is null;
            if (stream.SkipSign("*"))
            {
                isRight &= spread is null;
                spread = expressions.Parse();
            }
            else if (stream.SkipSign("**"))
            {
                namedSpread = expressions.Parse();
            }
            else if (stream.Current.Kind == TokenKind.Name && stream.Following.IsSign("="))
            {
                var name = stream.Next().Text;
                stream.Next();
                isRight &= named.All(n => n.Key != name);
                named.Add(new(name, expressions.Parse()));
            }
            else
            {
                isRight &= spread is null && named.Count == 0;
                positional.Add(expressions.Parse());
            }

            if (!isRight)
            {
                throw TemplateFault.Syntax("invalid syntax for function call expression", open.Line);
            }
        });
        return positional.Count + named.Count == 0 && spread is null && namedSpread is null ? CallArguments.None : new CallArguments(positional, named, spread, namedSpread);
    }

    private string DottedName()
    {
        var name = stream.Expect(TokenKind.Name, "name").Text;
        while (stream.SkipSign("."))
        {
            name += "." + stream.Expect(TokenKind.Name, "name").Text;
        }

        return name;
    }

    private Expression Test(Expression operand)
    {
        var line = stream.Next().Line;
        var isNegated = stream.SkipName("not");
        var name = DottedName();
        var arguments = CallArguments.None;
        if (stream.Current.IsSign("("))
        {
            arguments = Arguments();
        }
        else if (StartsArgument())
        {
            if (stream.Current.IsName("is"))
            {
                throw TemplateFault.Syntax("You cannot chain multiple tests with is", stream.Current.Line);
            }

            arguments = new CallArguments([Postfix(expressions.Primary.Parse(withNamespace: false))], [], null, null);
        }

        Expression test = PrimaryParser.Measured(new TestCall(operand, name, arguments, line));
        return isNegated ? PrimaryParser.Measured(new Not(test, line)) : test;
    }

    private bool StartsArgument() =>
        (stream.Current.Kind is TokenKind.Name or TokenKind.Text or TokenKind.Number || stream.Current is { Kind: TokenKind.Sign, Text: "[" or "{" })
        && !stream.Current.IsName("else") && !stream.Current.IsName("or") && !stream.Current.IsName("and");
}
