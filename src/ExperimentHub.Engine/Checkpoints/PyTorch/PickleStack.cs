using System.Numerics;
using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// The stack, the marks and the memory of the machine that reads a pickle, and the account of what all of it takes: it is asked before
/// anything is taken, so a small file cannot become a large heap.
/// </summary>
internal sealed class PickleStack(PickleFaults faults)
{
    /// <summary>What a number takes on the heap.</summary>
    public const int Number = 24;

    /// <summary>What an empty list or dictionary takes.</summary>
    public const int Container = 96;

    private const int Budget = 40 << 20;
    private const int Slot = 16;        // a place in a list that grows by doubling
    private const int Memo = 56;        // an entry of a dictionary

    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _spent;

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    public void Push(object? value, int bytes)
    {
        Spend(Slot + bytes);
        _values.Add(value);
    }

    public void PushNumber(BigInteger number)
    {
        if (number >= long.MinValue && number <= long.MaxValue)
        {
            Push((long)number, Number);
        }
        else
        {
            Push(number, 2 * Number);
        }
    }

    public void PushText(string text) => Push(text, Number + (2 * text.Length));

    public void PushBytes(ReadOnlySpan<byte> bytes)
    {
        Spend(bytes.Length);
        Push(bytes.ToArray(), Number);
    }

    public void PushTuple(int count)
    {
        var parts = PopMany(count);
        Push(parts, Number + (count * 8));
    }

    public object? Peek() => _values.Count > Floor ? _values[^1] : throw faults.Damaged("its pickle takes something where nothing is");

    public T Top<T>(string fault)
        where T : class => Peek() as T ?? throw faults.Damaged($"its pickle {fault}");

    public object? Pop()
    {
        var top = Peek();
        _values.RemoveAt(_values.Count - 1);
        return top;
    }

    public object?[] PopTwo() => PopMany(2);

    public object?[] PopMany(int count)
    {
        if (count > _values.Count - Floor)
        {
            throw faults.Damaged("its pickle takes something where nothing is");
        }

        var taken = CollectionsMarshal.AsSpan(_values)[^count..].ToArray();
        _values.RemoveRange(_values.Count - count, count);
        return taken;
    }

    public object?[] PopToMark() => PopMany(CountToMark());

    public void Mark()
    {
        Spend(8);
        _marks.Add(_values.Count);
    }

    /// <summary>Takes the mark away and says how many values stand on it.</summary>
    public int CountToMark()
    {
        var mark = _marks.Count > 0 ? _marks[^1] : throw faults.Damaged("its pickle goes back to a mark that it did not set");
        _marks.RemoveAt(_marks.Count - 1);
        return _values.Count - mark;
    }

    /// <summary>Takes away what is on top: a value, or a mark with nothing on it.</summary>
    public void Drop()
    {
        if (_marks.Count > 0 && _marks[^1] == _values.Count)
        {
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    /// <summary>Keeps the value on top under the next free number.</summary>
    public void Remember() => Remember((uint)_memo.Count);

    public void Remember(uint key)
    {
        Spend(Memo);
        _memo[key] = Peek();
    }

    public void Recall(uint key) => Push(_memo.TryGetValue(key, out var value) ? value : throw faults.Damaged("its pickle recalls something that it did not remember"), 0);

    public void AddTo(List<object?> target, object?[] values)
    {
        Spend(values.Length * Slot);
        target.AddRange(values);
    }

    /// <param name="target">What is filled.</param>
    /// <param name="flat">Keys and values in turn.</param>
    public void AddTo(PickleDictionary target, object?[] flat)
    {
        if (flat.Length % 2 != 0)
        {
            throw faults.Damaged("its pickle fills a dictionary with half a pair");
        }

        Spend(flat.Length * Slot);
        for (var i = 0; i < flat.Length; i += 2)
        {
            target.Items.Add((flat[i], flat[i + 1]));
        }
    }

    private void Spend(int bytes) => _spent = bytes > Budget - _spent ? throw faults.NotWeights("holds far more than names and shapes of tensors") : _spent + bytes;
}
