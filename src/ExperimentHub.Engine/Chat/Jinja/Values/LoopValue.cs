namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>The variable <c>loop</c>. It looks one item ahead, and counts the rest of an iterator only when its length is asked for.</summary>
internal sealed class LoopValue(Value source, IEnumerable<Value> items, bool isFiltered, int depth, Func<Run, Value, int, Value>? recurse) : CallableValue
{
    private IEnumerator<Value> _rest = items.GetEnumerator();
    private int? _length = isFiltered ? null : source.Length;
    private Value? _ahead;
    private Value? _before;
    private Value? _current;
    private IReadOnlyList<Value>? _lastChanged;

    public override string TypeName => "LoopContext";

    public override string ObjectName => "jinja2.runtime.LoopContext object";

    public override int? Length => Count();

    public int Index { get; private set; }

    /// <summary>How many recursive loops are around this one.</summary>
    public int Level { get; } = depth;

    public bool IsFirst => Index == 1;

    public Value Previous => IsFirst ? new UndefinedValue("there is no previous item") : _before!;

    public Value Next => Peek() ?? new UndefinedValue("there is no next item");

    /// <summary>Moves on and gives the item; null at the end.</summary>
    public Value? Advance()
    {
        var next = Peek();
        if (next is not null)
        {
            _ahead = null;
            Index++;
            _before = _current;
            _current = next;
        }

        return next;
    }

    public Value? Peek() => _ahead ??= _rest.MoveNext() ? _rest.Current : null;

    public int Count()
    {
        if (_length is { } known)
        {
            return known;
        }

        var rest = new List<Value>();
        while (_rest.MoveNext())
        {
            rest.Add(_rest.Current);
        }

        _rest = rest.GetEnumerator();
        _length = rest.Count + Index + (_ahead is null ? 0 : 1);
        return _length.Value;
    }

    public Value Cycle(IReadOnlyList<Value> values) =>
        values.Count > 0 ? values[(Index - 1) % values.Count] : throw TemplateFault.Runtime("no items for cycling given");

    public bool HasChanged(Budget budget, IReadOnlyList<Value> values)
    {
        if (_lastChanged is { } last && Comparison.AreEqual(budget, new TupleValue(last), new TupleValue(values)))
        {
            return false;
        }

        _lastChanged = values;
        return true;
    }

    public override Value Call(Run run, Arguments arguments)
    {
        var iterable = arguments.Bind("loop", 1, "iterable")[0]!;
        return recurse is null
            ? throw TemplateFault.Runtime("The loop must have the 'recursive' marker to be called recursively.")
            : recurse(run, iterable, Level + 1);
    }
}
