using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Scoping;

/// <summary>Gives every name of a template its slot, and finds what Jinja's compiler refuses: unknown filters, jumps outside of loops.</summary>
internal sealed class Layout
{
    private static readonly string[] s_special = ["caller", "kwargs", "varargs"];

    private readonly Dictionary<string, Block> _blocks = [];

    /// <summary>The blocks of the template by name; known after <see cref="Template"/>.</summary>
    public IReadOnlyDictionary<string, Block> Blocks => _blocks;

    /// <summary>Lays out the whole template.</summary>
    /// <returns>The number of slots of the template itself, the entry of its scope, and the place of <c>self</c> if it uses that.</returns>
    public (int Slots, BlockEntry Entry, Place? Self) Template(IReadOnlyList<Statement> body)
    {
        FindBlocks(body);
        var function = new Function(null);
        var symbols = new Symbols(function, null);
        Place? self = Declarations.Undeclared(body, "self").Count > 0 ? symbols.Parameter("self") : null;
        Declarations.Visit(symbols, body);
        Visit(body, new Frame(symbols, IsTop: true));
        foreach (var block in _blocks.Values)
        {
            LayOut(block);
        }

        return (function.Slots, symbols.Entry(), self);
    }

    private void FindBlocks(IEnumerable<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (node is Block block && !_blocks.TryAdd(block.Name, block))
            {
                throw TemplateFault.Syntax($"block '{InputException.Quote(block.Name)}' defined twice", block.Line);
            }

            FindBlocks(node.Children);
        }
    }

    private void Visit(IEnumerable<Statement> statements, Frame frame)
    {
        foreach (var statement in statements)
        {
            Visit(statement, frame);
        }
    }

    private void Visit(Statement statement, Frame frame)
    {
        switch (statement)
        {
            case If condition:
                var soft = frame with { IsSoft = true };
                foreach (var (test, body) in condition.Branches)
                {
                    Expressions.Place(test, soft);
                    Visit(body, soft);
                }

                Visit(condition.Otherwise, soft);
                break;
            case For loop:
                LayOut(loop, frame);
                break;
            case Macro macro:
                LayOut(macro.Body, frame);
                macro.Target.Place = frame.Symbols.PlaceOf(macro.Target.Text);
                macro.IsExported = frame.IsTop;
                break;
            case CallBlock call:
                LayOut(call.Body, frame);
                Expressions.Place(call.Call, frame);
                break;
            case GenerationBlock generation:
                LayOut(generation.Body, frame);
                break;
            case FilterBlock filter:
                var filterFrame = Inner(frame, [.. filter.Body, filter.Filter]);
                Visit(filter.Body, filterFrame);
                Expressions.Place(filter.Filter, filterFrame);
                filter.Entry = filterFrame.Symbols.Entry();
                break;
            case With with:
                var withFrame = Inner(frame, with.Targets.Concat<Node>(with.Body));
                Expressions.Place(with.Targets, withFrame);
                Expressions.Place(with.Values, frame);
                Visit(with.Body, withFrame);
                with.Entry = withFrame.Symbols.Entry();
                break;
            case AutoEscape escape:
                var escapeFrame = Inner(frame, [escape.IsOn, .. escape.Body]);
                Expressions.Place(escape.IsOn, escapeFrame);
                Visit(escape.Body, escapeFrame);
                escape.Entry = escapeFrame.Symbols.Entry();
                break;
            case Assignment assignment:
                Expressions.Place(assignment.Value, frame);
                Expressions.Place(assignment.Target, frame);
                assignment.Exports = frame.IsTop ? [.. Expressions.Stored(assignment.Target)] : [];
                break;
            case BlockAssignment assignment:
                var setFrame = Inner(frame, assignment.Body);
                Visit(assignment.Body, setFrame);
                Expressions.Place(assignment.Target, frame);
                if (assignment.Filter is not null)
                {
                    Expressions.Place(assignment.Filter, setFrame);
                }

                assignment.Entry = setFrame.Symbols.Entry();
                assignment.Exports = frame.IsTop ? [.. Expressions.Stored(assignment.Target)] : [];
                break;
            case Block { IsScoped: true } block:
                block.Visible = frame.Symbols.Visible();
                break;
            case Jump jump when !frame.IsInLoop:
                throw TemplateFault.Syntax($"'{jump.Tag}' outside loop", jump.Line);
            default:
                Expressions.Place(statement.Children.OfType<Expression>(), frame);
                break;
        }
    }

    private void LayOut(For loop, Frame frame)
    {
        var function = loop.IsRecursive ? new Function(frame.Symbols.Function) : frame.Symbols.Function;
        var symbols = new Symbols(function, frame.Symbols);
        if (loop.IsRecursive || Declarations.Undeclared(loop.Body, "loop").Count > 0 || HasScopedBlock(loop))
        {
            loop.LoopPlace = symbols.Parameter("loop");
        }

        if (Expressions.StoresLoop(loop))
        {
            throw TemplateFault.Syntax("Can't assign to special loop variable in for-loop target", loop.Line);
        }

        Declarations.DeclareParameters(symbols, loop.Target);
        Declarations.Visit(symbols, loop.Body);
        var inner = new Frame(symbols, IsInLoop: true);
        Expressions.Place(loop.Source, frame);
        LayOutFilter(loop, frame);
        Expressions.Place(loop.Target, inner);
        Visit(loop.Body, inner);
        var otherwise = new Symbols(function, frame.Symbols);
        Declarations.Visit(otherwise, loop.Otherwise);
        Visit(loop.Otherwise, new Frame(otherwise, IsInLoop: frame.IsInLoop && !loop.IsRecursive));
        loop.Entry = symbols.Entry();
        loop.ElseEntry = otherwise.Entry();
        loop.Slots = function.Slots;
    }

    private static void LayOutFilter(For loop, Frame frame)
    {
        if (loop.Test is not { } test)
        {
            return;
        }

        var function = new Function(frame.Symbols.Function);
        var symbols = new Symbols(function, frame.Symbols);
        Declarations.DeclareParameters(symbols, loop.Target);
        Declarations.Visit(symbols, test);
        var inner = new Frame(symbols);
        Expressions.Place(test, inner);
        var target = Expressions.CopyTarget(loop.Target);
        Expressions.Place(target, inner);
        loop.Filter = (function.Slots, symbols.Entry(), target);
    }

    private static bool HasScopedBlock(Node node) => node.Children.Any(c => c is Block { IsScoped: true } || HasScopedBlock(c));

    private void LayOut(MacroBody body, Frame frame)
    {
        var function = new Function(frame.Symbols.Function);
        var symbols = new Symbols(function, frame.Symbols);
        Declarations.Visit(symbols, body.Children);
        var undeclared = Declarations.Undeclared(body.Statements, s_special);
        var names = body.Parameters.Select(p => p.Text).ToList();
        if (undeclared.Contains("caller"))
        {
            body.TakesCaller = true;
            var place = names.IndexOf("caller");
            if (place < 0)
            {
                body.Caller = symbols.Parameter("caller");
            }
            else if (names.Count - place > body.Defaults.Count)
            {
                throw TemplateFault.Syntax("When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.", body.Line);
            }
        }

        body.Named = undeclared.Contains("kwargs") && !names.Contains("kwargs") ? symbols.Parameter("kwargs") : null;
        body.Positional = undeclared.Contains("varargs") && !names.Contains("varargs") ? symbols.Parameter("varargs") : null;
        var inner = new Frame(symbols);
        Expressions.Place(body.Parameters, inner);
        Expressions.Place(body.Defaults, inner);
        Visit(body.Statements, inner);
        body.Entry = symbols.Entry();
        body.Slots = function.Slots;
    }

    private void LayOut(Block block)
    {
        var function = new Function(null);
        var symbols = new Symbols(function, null);
        var special = Declarations.Undeclared(block.Body, "self", "super");
        block.Special = [.. special.Select(name => (name, symbols.Parameter(name)))];
        Declarations.Visit(symbols, block.Body);
        Visit(block.Body, new Frame(symbols));
        block.Entry = symbols.Entry();
        block.Slots = function.Slots;
    }

    private static Frame Inner(Frame frame, IEnumerable<Node> declared)
    {
        var symbols = new Symbols(frame.Symbols.Function, frame.Symbols);
        Declarations.Visit(symbols, declared);
        return new Frame(symbols, IsInLoop: frame.IsInLoop);
    }
}

/// <summary>Where in the template a statement stands.</summary>
/// <param name="IsTop">Names that are set here are seen by blocks.</param>
/// <param name="IsSoft">In a condition: an unknown filter is a fault only when it is reached.</param>
internal sealed record Frame(Symbols Symbols, bool IsTop = false, bool IsSoft = false, bool IsInLoop = false);
