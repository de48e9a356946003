using System.Runtime.CompilerServices;
using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>Reads expressions: operators by their binding, from the loosest to the tightest.</summary>
internal sealed class ExpressionParser(TokenStream stream)
{
    private readonly PrimaryParser _primary = new(stream);

    public PrimaryParser Primary => _primary;

    /// <summary>Made after the parser: both need one another.</summary>
    public static ExpressionParser Create(TokenStream stream)
    {
        var parser = new ExpressionParser(stream);
        parser._primary.Expressions = parser;
        parser._primary.Behind = new PostfixParser(stream, parser);
        return parser;
    }

    /// <summary>An expression; the conditional form <c>a if b else c</c> is not read where an <c>if</c> of a loop may follow.</summary>
    public Expression Parse(bool withConditional = true)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateFault.Syntax($"nested more than {Node.MaxHeight} deep", stream.Current.Line);
        }

        _primary.Enter();
        var expression = withConditional ? Conditional() : Or();
        _primary.Leave();
        return expression;
    }

    /// <summary>An expression, or several with commas between, which make a tuple.</summary>
    public Expression ParseTuple(bool withConditional = true, bool inParentheses = false, string? endName = null) =>
        Tuple(() => Parse(withConditional), inParentheses, endName);

    /// <summary>What stands left of <c>=</c> or behind <c>for</c>.</summary>
    public Expression ParseTarget(bool withNamespace = false, string? endName = null, NameUse use = NameUse.Store)
    {
        var line = stream.Current.Line;
        var target = Tuple(() => _primary.Parse(withNamespace), inParentheses: false, endName);
        PrimaryParser.MarkTarget(target, use, line);
        return target;
    }

    public Name ParseName(NameUse use)
    {
        var token = stream.Expect(TokenKind.Name, "name");
        var name = new Name(token.Text, token.Line) { Use = use };
        PrimaryParser.MarkTarget(name, use, token.Line);
        return name;
    }

    private Expression Tuple(Func<Expression> parse, bool inParentheses, string? endName)
    {
        var line = stream.Current.Line;
        var items = new List<Expression>();
        var isTuple = false;
        while (true)
        {
            if (items.Count > 0)
            {
                stream.ExpectSign(",");
            }

            if (stream.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || stream.Current.IsSign(")") || (endName is not null && stream.Current.IsName(endName)))
            {
                break;
            }

            items.Add(parse());
            if (!stream.Current.IsSign(","))
            {
                break;
            }

            isTuple = true;
        }

        if (isTuple || (items.Count == 0 && inParentheses))
        {
            return PrimaryParser.Measured(new TupleLiteral(items, line));
        }

        return items.Count == 1 ? items[0] : throw TemplateFault.Syntax($"Expected an expression, got '{stream.Current.Description}'", stream.Current.Line);
    }

    private Expression Conditional()
    {
        var line = stream.Current.Line;
        var value = Or();
        while (stream.SkipName("if"))
        {
            var test = Or();
            Expression? otherwise = null;
            if (stream.SkipName("else"))
            {
                _primary.Enter();
                otherwise = Conditional();
                _primary.Leave();
            }

            value = PrimaryParser.Measured(new Conditional(test, value, otherwise, line));
            line = stream.Current.Line;
        }

        return value;
    }

    private Expression Or()
    {
        var left = And();
        while (stream.Current.IsName("or"))
        {
            var line = stream.Next().Line;
            left = PrimaryParser.Measured(new Logical(isAnd: false, left, And(), line));
        }

        return left;
    }

    private Expression And()
    {
        var left = Negation();
        while (stream.Current.IsName("and"))
        {
            var line = stream.Next().Line;
            left = PrimaryParser.Measured(new Logical(isAnd: true, left, Negation(), line));
        }

        return left;
    }

    private Expression Negation()
    {
        if (!stream.Current.IsName("not"))
        {
            return Comparison();
        }

        var line = stream.Next().Line;
        _primary.Enter();
        var operand = Negation();
        _primary.Leave();
        return PrimaryParser.Measured(new Not(operand, line));
    }

    private Expression Comparison()
    {
        var line = stream.Current.Line;
        var first = Sum();
        var rest = new List<(Relation, Expression)>();
        while (NextRelation() is { } relation)
        {
            rest.Add((relation, Sum()));
        }

        return rest.Count == 0 ? first : PrimaryParser.Measured(new Comparisons(first, rest, line));
    }

    private Relation? NextRelation()
    {
        if (stream.Current.IsName("not") && stream.Following.IsName("in"))
        {
            stream.Next();
            stream.Next();
            return Relation.NotIn;
        }

        Relation? relation = stream.Current switch
        {
            { Kind: TokenKind.Name, Text: "in" } => Relation.In,
            { Kind: TokenKind.Sign } sign => sign.Text switch
            {
                "==" => Relation.Equal,
                "!=" => Relation.NotEqual,
                "<" => Relation.Less,
                "<=" => Relation.LessOrEqual,
                ">" => Relation.Greater,
                ">=" => Relation.GreaterOrEqual,
                _ => null,
            },
            _ => null,
        };
        if (relation is not null)
        {
            stream.Next();
        }

        return relation;
    }

    private Expression Sum()
    {
        var left = Concatenation();
        while (stream.Current.IsSign("+") || stream.Current.IsSign("-"))
        {
            var sign = stream.Next();
            left = PrimaryParser.Measured(new Binary(sign.Text == "+" ? Operator.Add : Operator.Subtract, left, Concatenation(), sign.Line));
        }

        return left;
    }

    private Expression Concatenation()
    {
        var line = stream.Current.Line;
        var parts = new List<Expression> { Product() };
        while (stream.SkipSign("~"))
        {
            parts.Add(Product());
        }

        return parts.Count == 1 ? parts[0] : PrimaryParser.Measured(new Concatenation(parts, line));
    }

    private Expression Product()
    {
        var left = Power();
        while (stream.Current is { Kind: TokenKind.Sign, Text: "*" or "/" or "//" or "%" })
        {
            var sign = stream.Next();
            var operation = sign.Text switch
            {
                "*" => Operator.Multiply,
                "/" => Operator.Divide,
                "//" => Operator.FloorDivide,
                _ => Operator.Modulo,
            };
            left = PrimaryParser.Measured(new Binary(operation, left, Power(), sign.Line));
        }

        return left;
    }

    private Expression Power()
    {
        var left = _primary.Unary();
        while (stream.Current.IsSign("**"))
        {
            var line = stream.Next().Line;
            left = PrimaryParser.Measured(new Binary(Operator.Power, left, _primary.Unary(), line));
        }

        return left;
    }
}
