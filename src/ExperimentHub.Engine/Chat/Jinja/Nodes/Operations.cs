using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

internal enum Operator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

internal sealed class Binary(Operator sign, Expression left, Expression right, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [left, right];

    protected override Value Compute(Run run, Scope scope)
    {
        var first = left.Evaluate(run, scope);
        var second = right.Evaluate(run, scope);
        run.Line = Line;
        return sign switch
        {
            Operator.Add => Operators.Add(run, first, second),
            Operator.Subtract => Operators.Subtract(run, first, second),
            Operator.Multiply => Operators.Multiply(run, first, second),
            Operator.Divide => Operators.Divide(run, first, second),
            Operator.FloorDivide => Operators.FloorDivide(run, first, second),
            Operator.Modulo => Operators.Modulo(run, first, second),
            _ => Operators.Power(run, first, second),
        };
    }
}

/// <summary><c>and</c> and <c>or</c> give one of their operands.</summary>
internal sealed class Logical(bool isAnd, Expression left, Expression right, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [left, right];

    protected override Value Compute(Run run, Scope scope)
    {
        var first = left.Evaluate(run, scope);
        return first.IsTrue == isAnd ? right.Evaluate(run, scope) : first;
    }
}

internal sealed class Not(Expression operand, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [operand];

    protected override Value Compute(Run run, Scope scope) => BoolValue.Of(!operand.Evaluate(run, scope).IsTrue);
}

internal sealed class Sign(bool isNegative, Expression operand, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [operand];

    protected override Value Compute(Run run, Scope scope)
    {
        var value = operand.Evaluate(run, scope);
        run.Line = Line;
        return Operators.Sign(value, isNegative);
    }
}

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed class Concatenation(IReadOnlyList<Expression> parts, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => parts;

    protected override Value Compute(Run run, Scope scope)
    {
        var texts = new string[parts.Count];
        var length = 0L;
        for (var i = 0; i < texts.Length; i++)
        {
            var value = parts[i].Evaluate(run, scope);
            run.Line = Line;
            texts[i] = run.Str(value);
            length += texts[i].Length;
        }

        run.Budget.Text(length);
        return StrValue.Of(string.Concat(texts));
    }
}

internal enum Relation
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// <summary>A chain such as <c>1 &lt; x &lt;= 3</c>: each operand is computed once, and none behind the first that fails.</summary>
internal sealed class Comparisons(Expression first, IReadOnlyList<(Relation Relation, Expression Operand)> rest, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => rest.Select(r => r.Operand).Prepend(first);

    protected override Value Compute(Run run, Scope scope)
    {
        var left = first.Evaluate(run, scope);
        foreach (var (relation, operand) in rest)
        {
            var right = operand.Evaluate(run, scope);
            run.Line = Line;
            if (!Holds(run.Budget, relation, left, right))
            {
                return BoolValue.False;
            }

            left = right;
        }

        return BoolValue.True;
    }

    private static bool Holds(Budget budget, Relation relation, Value left, Value right) => relation switch
    {
        Relation.Equal => Comparison.AreEqual(budget, left, right),
        Relation.NotEqual => !Comparison.AreEqual(budget, left, right),
        Relation.Less => Comparison.Less(budget, left, right),
        Relation.LessOrEqual => Comparison.LessOrEqual(budget, left, right),
        Relation.Greater => Comparison.Less(budget, right, left, ">"),
        Relation.GreaterOrEqual => Comparison.LessOrEqual(budget, right, left, ">="),
        Relation.In => Comparison.Contains(budget, right, left),
        _ => !Comparison.Contains(budget, right, left),
    };
}

/// <summary><c>a if test else b</c>; without <c>else</c> the value may be undefined.</summary>
internal sealed class Conditional(Expression test, Expression then, Expression? otherwise, int line) : Expression(line)
{
    public Expression Test { get; } = test;

    public override IEnumerable<Node> Children => otherwise is null ? [Test, then] : [Test, then, otherwise];

    protected override Value Compute(Run run, Scope scope) =>
        Test.Evaluate(run, scope).IsTrue ? then.Evaluate(run, scope)
        : otherwise?.Evaluate(run, scope)
            ?? new UndefinedValue($"the inline if-expression on line {Line} evaluated to false and no else section was defined.");
}
