using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Scoping;

/// <summary>The names in expressions.</summary>
internal static class Expressions
{
    public static void Place(IEnumerable<Expression> expressions, Frame frame)
    {
        foreach (var expression in expressions)
        {
            Place(expression, frame);
        }
    }

    public static void Place(Expression expression, Frame frame)
    {
        switch (expression)
        {
            case Name name:
                name.Place = frame.Symbols.PlaceOf(name.Text, name.Line);
                break;
            case NamespaceTarget target:
                target.Place = frame.Symbols.PlaceOf(target.Name);
                break;
            case FilterCall { IsKnown: false } filter when !frame.IsSoft:
                throw TemplateFault.Syntax($"No filter named '{InputException.Quote(filter.Name)}'.", filter.Line);
            case TestCall { IsKnown: false } test when !frame.IsSoft:
                throw TemplateFault.Syntax($"No test named '{InputException.Quote(test.Name)}'.", test.Line);
            case Conditional:
                frame = frame with { IsSoft = true };
                break;
        }

        Place(expression.Children.OfType<Expression>(), frame);
    }

    public static IEnumerable<Name> Stored(Expression target) => target switch
    {
        Name name => [name],
        TupleLiteral tuple => tuple.Items.SelectMany(Stored),
        _ => [],
    };

    public static bool StoresLoop(Node node) => node is Name { Use: NameUse.Store, Text: "loop" } || node.Children.Any(StoresLoop);

    /// <summary>The filter of a loop has variables of its own, of the same names.</summary>
    public static Expression CopyTarget(Expression target) => target switch
    {
        TupleLiteral tuple => new TupleLiteral([.. tuple.Items.Select(CopyTarget)], tuple.Line),
        Name name => new Name(name.Text, name.Line) { Use = NameUse.Store },
        _ => target,
    };
}
