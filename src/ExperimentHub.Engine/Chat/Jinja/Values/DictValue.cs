namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>A mapping that keeps the order of its keys, as Python's does; 1, 1.0 and true are the same key.</summary>
internal sealed class DictValue : Value
{
    /// <summary>Up to here looking at each key is faster than a table.</summary>
    private const int SmallCount = 8;

    private readonly List<KeyValuePair<Value, Value>> _entries = [];
    private Dictionary<Value, int>? _places;
    private int _depth;
    private long _size = 1;

    public override string TypeName => "dict";

    public IReadOnlyList<KeyValuePair<Value, Value>> Entries => _entries;

    public override int Depth => _depth + 1;

    public override long Size => _size;

    public override bool IsTrue => _entries.Count > 0;

    public override int? Length => _entries.Count;

    public override IEnumerable<Value> Items => Walk().Select(e => e.Key);

    /// <summary>Entry by entry; a set block may add one meanwhile, which Python does not allow.</summary>
    public IEnumerable<KeyValuePair<Value, Value>> Walk()
    {
        var count = _entries.Count;
        for (var i = 0; i < count; i++)
        {
            yield return _entries.Count == count ? _entries[i] : throw TemplateFault.Runtime("dictionary changed size during iteration");
        }
    }

    /// <summary>Null where there is no such key. The key must be hashable.</summary>
    public Value? Find(Value key) => Place(key) is var place and >= 0 ? _entries[place].Value : null;

    public Value? Find(string key)
    {
        if (_places is not null)
        {
            return Find(StrValue.Of(key));
        }

        foreach (var entry in _entries)
        {
            if (entry.Key is StrValue text && text.Text == key)
            {
                return entry.Value;
            }
        }

        return null;
    }

    /// <summary>The first form of a key stays, and its place; the value is the last one.</summary>
    public void Set(Value key, Value value)
    {
        _depth = Math.Max(_depth, Math.Max(Budget.Deeper(key.Depth), Budget.Deeper(value.Depth)) - 1);
        _size = Math.Min(_size + key.Size + value.Size, long.MaxValue / 4);
        var place = Place(key);
        if (place >= 0)
        {
            _entries[place] = new(_entries[place].Key, value);
            return;
        }

        _entries.Add(new(key, value));
        if (_places is not null)
        {
            _places[key] = _entries.Count - 1;
        }
        else if (_entries.Count > SmallCount)
        {
            _places = new Dictionary<Value, int>(KeyComparer.Instance);
            for (var i = 0; i < _entries.Count; i++)
            {
                _places[_entries[i].Key] = i;
            }
        }
    }

    private int Place(Value key)
    {
        Hashing.Check(key);
        if (_places is not null)
        {
            return _places.TryGetValue(key, out var found) ? found : -1;
        }

        for (var i = 0; i < _entries.Count; i++)
        {
            if (KeyComparer.Instance.Equals(_entries[i].Key, key))
            {
                return i;
            }
        }

        return -1;
    }
}

internal enum DictPart
{
    Keys,
    Values,
    Items,
}

/// <summary>What <c>d.keys()</c>, <c>d.values()</c> and <c>d.items()</c> give.</summary>
internal sealed class DictView(DictValue dict, DictPart part) : Value
{
    public DictPart Part { get; } = part;

    public DictValue Dict { get; } = dict;

    public override string TypeName => Part switch
    {
        DictPart.Keys => "dict_keys",
        DictPart.Values => "dict_values",
        _ => "dict_items",
    };

    public override bool IsTrue => Dict.IsTrue;

    public override int Depth => Budget.Deeper(Dict.Depth);

    public override long Size => Dict.Size;

    public override int? Length => Dict.Length;

    public override IEnumerable<Value> Items => Dict.Walk().Select(e => Part switch
    {
        DictPart.Keys => e.Key,
        DictPart.Values => e.Value,
        _ => new TupleValue([e.Key, e.Value]),
    });
}
