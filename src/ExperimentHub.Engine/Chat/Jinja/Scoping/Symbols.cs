using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Scoping;

/// <summary>The slots of one call: the template, a block, a macro, a recursive loop or the filter of a loop.</summary>
internal sealed class Function(Function? parent)
{
    private readonly Dictionary<(int Level, string Name), int> _slots = [];

    public Function? Parent { get; } = parent;

    public int Slots => _slots.Count;

    /// <summary>Loops side by side share the slot of a name, as they share a variable in the code that Jinja makes.</summary>
    public int Slot(int level, string name)
    {
        if (!_slots.TryGetValue((level, name), out var slot))
        {
            slot = _slots.Count;
            _slots[(level, name)] = slot;
        }

        return slot;
    }
}

/// <summary>A variable of some block, and the call that it belongs to.</summary>
internal sealed record Variable(Function Function, int Level, string Name)
{
    public Place From(Function user)
    {
        var hops = 0;
        for (var function = user; function != Function; function = function.Parent!)
        {
            hops++;
        }

        return new Place(hops, Function.Slot(Level, Name));
    }
}

/// <summary>How a variable gets its first value when its block begins.</summary>
/// <param name="IsParameter">It is set by a call, a loop or <c>with</c>.</param>
/// <param name="Resolve">It is looked up outside the template.</param>
/// <param name="Outer">It begins as a copy of this variable; with neither it begins unset.</param>
internal sealed record FirstValue(bool IsParameter = false, bool Resolve = false, Variable? Outer = null);

/// <summary>
/// The names that a block of the template uses. Jinja decides at compile time which variable a name means, by the order in which the
/// block mentions it first; this is the same decision.
/// </summary>
/// <param name="before">A branch of a condition goes on from what was declared before it, without changing that.</param>
internal sealed class Symbols(Function function, Symbols? parent, Symbols? before = null)
{
    private readonly Dictionary<string, Variable> _variables = [];
    private readonly Dictionary<Variable, FirstValue> _first = [];
    private readonly HashSet<string> _stores = [];
    private readonly int _level = parent is null ? 0 : parent._level + 1;

    public Function Function { get; } = function;

    public Variable? Find(string name) => Own(name) ?? parent?.Find(name);

    /// <summary>Where a name lies that was declared.</summary>
    /// <exception cref="TemplateFault">It was not: Jinja does not look into the filters of a set block, and fails likewise.</exception>
    public Place PlaceOf(string name, int line = 0) =>
        (Find(name) ?? throw TemplateFault.Syntax($"'{InputException.Quote(name)}' is not known to this set block; name it before", line)).From(Function);

    public void Load(string name)
    {
        if (Find(name) is null)
        {
            Define(name, new FirstValue(Resolve: true));
        }
    }

    public void Store(string name)
    {
        _stores.Add(name);
        if (Own(name) is null)
        {
            Define(name, new FirstValue(Outer: parent?.Find(name)));
        }
    }

    public Place Parameter(string name)
    {
        _stores.Add(name);
        Define(name, new FirstValue(IsParameter: true));
        return PlaceOf(name);
    }

    /// <summary>Visits the branches of a condition, each as if the others were not there; then a name that only some of them set may come from outside.</summary>
    public void Branches(IEnumerable<Action<Symbols>> visits)
    {
        var branches = visits.Select(visit =>
        {
            var branch = new Symbols(Function, parent, this);
            visit(branch);
            return branch;
        }).ToList();
        var stores = branches.SelectMany(b => b._stores).Where(s => !IsStored(s)).ToHashSet();
        foreach (var branch in branches)
        {
            foreach (var (name, variable) in branch._variables)
            {
                _variables[name] = variable;
            }

            foreach (var (variable, first) in branch._first)
            {
                _first[variable] = first;
            }

            _stores.UnionWith(branch._stores);
        }

        foreach (var name in stores)
        {
            _first[Find(name)!] = parent?.Find(name) is { } outer ? new FirstValue(Outer: outer) : new FirstValue(Resolve: true);
        }
    }

    public BlockEntry Entry() => new(
        [.. _first.Where(f => !f.Value.IsParameter).Select(f => new Load(f.Key.From(Function), f.Value.Resolve ? f.Key.Name : null, f.Value.Outer?.From(Function)))],
        [.. _first.Keys.Select(v => v.From(Function))]);

    /// <summary>What this block and those around it have set.</summary>
    public IReadOnlyList<(string Name, Place Place)> Visible()
    {
        var visible = new Dictionary<string, Place>();
        for (var symbols = this; symbols is not null; symbols = symbols.Outer)
        {
            foreach (var name in symbols._stores)
            {
                visible.TryAdd(name, PlaceOf(name));
            }
        }

        return [.. visible.Select(v => (v.Key, v.Value))];
    }

    private Symbols? Outer => parent;

    private void Define(string name, FirstValue first)
    {
        var variable = new Variable(Function, _level, name);
        _variables[name] = variable;
        _first[variable] = first;
    }

    private Variable? Own(string name) => _variables.GetValueOrDefault(name) ?? before?.Own(name);

    private bool IsStored(string name) => _stores.Contains(name) || before is not null && before.IsStored(name);
}
