using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Scoping;

/// <summary>Meets the names of a block in order and declares them; blocks inside it that have scopes of their own are left for later.</summary>
internal static class Declarations
{
    public static void Visit(Symbols symbols, IEnumerable<Node> nodes)
    {
        foreach (var node in nodes)
        {
            Visit(symbols, node);
        }
    }

    public static void Visit(Symbols symbols, Node node)
    {
        switch (node)
        {
            case Name name:
                Declare(symbols, name);
                break;
            case NamespaceTarget reference:
                symbols.Load(reference.Name);
                break;
            case If condition:
                Visit(symbols, condition.Branches[0].Test);
                symbols.Branches(
                [
                    inner => Visit(inner, condition.Branches[0].Body),
                    inner => VisitElifs(inner, condition),
                    inner => Visit(inner, condition.Otherwise),
                ]);
                break;
            case Macro macro:
                symbols.Store(macro.Target.Text);
                break;
            case Assignment assignment:
                Visit(symbols, assignment.Value);
                Visit(symbols, assignment.Target);
                break;
            case BlockAssignment assignment:
                Visit(symbols, assignment.Target);
                break;
            case For loop:
                Visit(symbols, loop.Source);
                break;
            case CallBlock call:
                Visit(symbols, call.Call);
                break;
            case FilterBlock filter:
                Visit(symbols, filter.Filter);
                break;
            case With with:
                Visit(symbols, with.Values);
                break;
            case AutoEscape or Block or GenerationBlock:
                break;
            default:
                Visit(symbols, node.Children);
                break;
        }
    }

    /// <summary>The variables of a loop or of <c>with</c>.</summary>
    public static void DeclareParameters(Symbols symbols, Expression target)
    {
        switch (target)
        {
            case Name name:
                symbols.Parameter(name.Text);
                break;
            case TupleLiteral tuple:
                foreach (var item in tuple.Items)
                {
                    DeclareParameters(symbols, item);
                }

                break;
        }
    }

    /// <summary>Which of these names the nodes load before they set them.</summary>
    public static HashSet<string> Undeclared(IEnumerable<Node> nodes, params IEnumerable<string> names)
    {
        var wanted = names.ToHashSet();
        var undeclared = new HashSet<string>();
        foreach (var node in nodes)
        {
            FindUndeclared(node, wanted, undeclared);
        }

        return undeclared;
    }

    private static void VisitElifs(Symbols symbols, If condition)
    {
        // Each elif is a condition of its own inside the branch.
        foreach (var (test, body) in condition.Branches.Skip(1))
        {
            Visit(symbols, test);
            symbols.Branches([inner => Visit(inner, body)]);
        }
    }

    private static void Declare(Symbols symbols, Name name)
    {
        switch (name.Use)
        {
            case NameUse.Parameter:
                symbols.Parameter(name.Text);
                break;
            case NameUse.Store:
                symbols.Store(name.Text);
                break;
            default:
                symbols.Load(name.Text);
                break;
        }
    }

    private static void FindUndeclared(Node node, HashSet<string> wanted, HashSet<string> undeclared)
    {
        switch (node)
        {
            case Name { Use: NameUse.Load } name when wanted.Contains(name.Text):
                undeclared.Add(name.Text);
                break;
            case Name name:
                wanted.Remove(name.Text);
                break;
            case Block:
                break;
            default:
                foreach (var child in node.Children)
                {
                    FindUndeclared(child, wanted, undeclared);
                }

                break;
        }
    }
}
