using System.Numerics;
using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// Reads a pickle (protocols 0 to 5) as a description of data. It is a stack machine with the opcodes of Python's <c>pickletools</c>, but
/// no name is ever looked up beyond <see cref="PickleNames"/> and no call makes anything but a value of <c>PickleValues.cs</c>.
/// What it may take in memory is counted before it is taken.
/// </summary>
internal ref struct PickleReader
{
    private const int Budget = 40 << 20;
    private const int Slot = 16;        // a place in a list that grows by doubling
    private const int Number = 24;      // a number on the heap
    private const int Container = 96;   // a dictionary or a list, empty
    private const int Memo = 56;        // an entry of a dictionary

    private readonly PickleFaults _faults;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly Dictionary<string, StorageView> _storages = new(StringComparer.Ordinal);
    private PickleInput _input;
    private int _spent;

    public PickleReader(ReadOnlySpan<byte> bytes, PickleFaults faults)
    {
        _faults = faults;
        _input = new PickleInput(bytes, faults);
    }

    /// <summary>Bytes of the pickle, once it is read.</summary>
    public readonly int Length => _input.Position;

    /// <summary>Every storage that the pickle refers to, by its key.</summary>
    public readonly IReadOnlyDictionary<string, StorageView> Storages => _storages;

    /// <exception cref="InputException">The pickle is damaged, too large, or asks for a name that weights do not need.</exception>
    public object? Read()
    {
        while (true)
        {
            var opcode = (char)_input.Byte();
            if (opcode == '.')
            {
                return Pop();
            }

            if (!ReadValue(opcode) && !ReadContainer(opcode) && !ReadMemo(opcode))
            {
                ReadName(opcode);
            }
        }
    }

    private bool ReadValue(char opcode)
    {
        switch (opcode)
        {
            case 'N':
                Push(null, 0);
                break;
            case '\x88' or '\x89':
                Push(opcode == '\x88', Number);
                break;
            case 'I' or 'L':
                // I00 and I01 are truth values of protocol 0; nobody asks what they are.
                PushNumber(_input.Digits());
                break;
            case 'J':
                Push((long)_input.Int32(), Number);
                break;
            case 'K':
                Push((long)_input.Byte(), Number);
                break;
            case 'M':
                Push((long)_input.UInt16(), Number);
                break;
            case '\x8A':
                PushNumber(_input.Number(_input.Byte()));
                break;
            case '\x8B':
                PushNumber(_input.Number(_input.Int32()));
                break;
            case 'F':
                Push(_input.Decimal(), Number);
                break;
            case 'G':
                Push(_input.Double(), Number);
                break;
            case 'S':
                PushText(_input.Quoted());
                break;
            case 'V':
                PushText(_input.Escaped());
                break;
            case 'T':
                PushText(_input.Text((ulong)Math.Max(0, _input.Int32())));
                break;
            case 'U' or '\x8C':
                PushText(_input.Text(_input.Byte()));
                break;
            case 'X':
                PushText(_input.Text(_input.UInt32()));
                break;
            case '\x8D':
                PushText(_input.Text(_input.UInt64()));
                break;
            case 'C':
                PushBytes(_input.Byte());
                break;
            case 'B':
                PushBytes(_input.UInt32());
                break;
            case '\x8E' or '\x96':
                PushBytes(_input.UInt64());
                break;
            default:
                return false;
        }

        return true;
    }

    private bool ReadContainer(char opcode)
    {
        switch (opcode)
        {
            case '(':
                Spend(8);
                _marks.Add(_stack.Count);
                break;
            case '0':
                if (_marks.Count > 0 && _marks[^1] == _stack.Count)
                {
                    _marks.RemoveAt(_marks.Count - 1);
                }
                else
                {
                    Pop();
                }

                break;
            case '1':
                PopToMark();
                break;
            case '2':
                Push(Peek(), 0);
                break;
            case '}':
                Push(new PickleDictionary(), Container);
                break;
            case ']':
                Push(new List<object?>(), Container);
                break;
            case '\x8F':
                Push(new PickleSet(), Number);
                break;
            case ')':
                Push(Array.Empty<object?>(), 0);
                break;
            case '\x85' or '\x86' or '\x87':
                PushTuple(opcode - '\x84');
                break;
            case 't':
                PushTuple(CountToMark());
                break;
            case 'l':
                var list = PopToMark().ToList();
                Push(list, Container + (list.Count * 8));
                break;
            case 'd':
                var dictionary = new PickleDictionary();
                AddPairs(dictionary, PopToMark());
                Push(dictionary, Container);
                break;
            case '\x91':
                PopToMark();
                Push(new PickleSet(), Number);
                break;
            case 'a' or 'e':
                var added = opcode == 'a' ? [Pop()] : PopToMark();
                Spend(added.Length * Slot);
                Top<List<object?>>("appends to something that is no list").AddRange(added);
                break;
            case 's' or 'u':
                var pairs = opcode == 's' ? PopTwo() : PopToMark();
                AddPairs(Top<PickleDictionary>("puts an entry into something that is no dictionary"), pairs);
                break;
            case '\x90':
                PopToMark();
                Top<PickleSet>("adds to something that is no set");
                break;
            case 'b':
                // What is set on a state dict is its _metadata: versions of modules, which nobody asks for here.
                Pop();
                Top<PickleDictionary>("sets the state of something that is no dictionary");
                break;
            default:
                return false;
        }

        return true;
    }

    private bool ReadMemo(char opcode)
    {
        switch (opcode)
        {
            case 'p':
                Remember(MemoKey(_input.Line()));
                break;
            case 'q':
                Remember(_input.Byte());
                break;
            case 'r':
                Remember(_input.UInt32());
                break;
            case '\x94':
                Remember((uint)_memo.Count);
                break;
            case 'g':
                Recall(MemoKey(_input.Line()));
                break;
            case 'h':
                Recall(_input.Byte());
                break;
            case 'j':
                Recall(_input.UInt32());
                break;
            case '\x80':
                if (_input.Byte() > 5)
                {
                    throw _faults.Damaged("its pickle says a protocol above 5, the highest there is");
                }

                break;
            case '\x95':
                _input.Expect(_input.UInt64());
                break;
            default:
                return false;
        }

        return true;
    }

    private void ReadName(char opcode)
    {
        switch (opcode)
        {
            case 'c':
                Push(Known(_input.Line(), _input.Line()), Number);
                break;
            case '\x93':
                var names = PopTwo();
                Push(names is [string module, string name] ? Known(module, name) : throw _faults.Damaged("its pickle names something without a text"), Number);
                break;
            case 'i':
                var function = Known(_input.Line(), _input.Line());
                Call(function, PopToMark());
                break;
            case 'o':
                var parts = PopToMark();
                Call(parts.Length > 0 ? parts[0] : null, [.. parts.Skip(1)]);
                break;
            case 'R' or '\x81':
                var call = PopTwo();
                Call(call[0], call[1] as object?[] ?? throw _faults.Damaged("its pickle calls something without arguments"));
                break;
            case 'Q':
                Push(Storage(Pop()), 2 * Container);
                break;
            case '\x97' or '\x98':
                throw _faults.Damaged("its pickle asks for a buffer that is not in the file");
            case '\x82' or '\x83' or '\x84':
                throw _faults.Forbidden("an extension of the pickle format");
            default:
                throw _faults.Damaged($"its pickle has the opcode {(int)opcode:X2}, which weights do not need");
        }
    }

    private readonly object Known(string module, string name) => PickleNames.Find(module, name) ?? throw _faults.Forbidden($"{module}.{name}");

    /// <summary>The calls that saved weights consist of.</summary>
    private void Call(object? function, object?[] arguments)
    {
        object? made = (function, Sized(arguments)) switch
        {
            (PickleFunction.OrderedDictionary, []) => new PickleDictionary(),
            (PickleFunction.OrderedDictionary, [List<object?> pairs]) => OfPairs(pairs),
            (PickleFunction.Size, [object?[] sizes]) => sizes,
            (PickleFunction.Tensor, [StorageView storage, long offset, object?[] sizes, object?[] strides, ..]) => new PickledTensor(storage, offset, Numbers(sizes), Numbers(strides)),
            (PickleFunction.Parameter, [PickledTensor tensor, ..]) => tensor,
            _ => throw _faults.Damaged($"its pickle makes something of the wrong parts ({(function is PickleFunction or SafetensorsType ? function : "no function")})"),
        };
        Push(made, 2 * Container);
    }

    /// <summary>How Python 2 saved an OrderedDict: called with a list of pairs.</summary>
    private PickleDictionary OfPairs(List<object?> pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            AddPairs(dictionary, pair switch
            {
                List<object?> { Count: 2 } list => [list[0], list[1]],
                object?[] { Length: 2 } tuple => tuple,
                _ => throw _faults.Damaged("its pickle makes a dictionary of something else than pairs"),
            });
        }

        return dictionary;
    }

    /// <summary>
    /// <c>("storage", class, key, device, elements)</c>; before torch 1.6 a sixth part may say that it is elements <c>[offset, offset + size)</c>
    /// of the storage under that key.
    /// </summary>
    private readonly StorageView Storage(object? id)
    {
        var storage = (id is object?[] parts ? Sized(parts) : null) switch
        {
            ["storage", SafetensorsType type, string key, _, long elements] => new StorageView(type, key, elements, 0, elements),
            ["storage", SafetensorsType type, string key, _, long elements, null] => new StorageView(type, key, elements, 0, elements),
            ["storage", SafetensorsType type, string key, _, long elements, object?[] view] when Sized(view) is [_, long offset, long size] => new StorageView(type, key, elements, offset, size),
            _ => throw _faults.Damaged("its pickle refers to a storage without saying type, key and size"),
        };
        var known = _storages.TryAdd(storage.Key, storage) ? storage : _storages[storage.Key];
        return known.Type == storage.Type && known.RootElements == storage.RootElements
            ? storage
            : throw _faults.Damaged($"its pickle says two things of the storage {InputException.Quote(storage.Key)}");
    }

    private readonly long[] Numbers(object?[] values) =>
        Sized(values) is var sized && sized.All(v => v is long) ? [.. sized.Cast<long>()] : throw _faults.Damaged("its pickle has a shape of something else than numbers");

    /// <summary>Numbers beyond 64 bits are no sizes; as the largest there is they are refused with the tensor's name.</summary>
    private static object?[] Sized(object?[] values) =>
        Array.Exists(values, v => v is BigInteger) ? [.. values.Select(v => v is BigInteger big ? big.Sign < 0 ? long.MinValue : long.MaxValue : v)] : values;

    private readonly uint MemoKey(string line) => uint.TryParse(line, out var key) ? key : throw _faults.Damaged("its pickle remembers something without a number");

    private void Remember(uint key)
    {
        Spend(Memo);
        _memo[key] = Peek();
    }

    private void Recall(uint key) => Push(_memo.TryGetValue(key, out var value) ? value : throw _faults.Damaged("its pickle recalls something that it did not remember"), 0);

    private void PushNumber(BigInteger number)
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

    private void PushText(string text) => Push(text, Number + (2 * text.Length));

    private void PushBytes(ulong length)
    {
        var bytes = _input.Take(length);
        Spend(bytes.Length);
        Push(bytes.ToArray(), Number);
    }

    private void PushTuple(int count)
    {
        var parts = PopMany(count);
        Push(parts, Number + (count * 8));
    }

    private void Push(object? value, int bytes)
    {
        Spend(Slot + bytes);
        _stack.Add(value);
    }

    private void Spend(int bytes)
    {
        _spent = bytes > Budget - _spent ? throw _faults.NotWeights("holds far more than names and shapes of tensors") : _spent + bytes;
    }

    private void AddPairs(PickleDictionary target, object?[] flat)
    {
        if (flat.Length % 2 != 0)
        {
            throw _faults.Damaged("its pickle fills a dictionary with half a pair");
        }

        Spend(flat.Length * Slot);
        for (var i = 0; i < flat.Length; i += 2)
        {
            target.Items.Add((flat[i], flat[i + 1]));
        }
    }

    private readonly T Top<T>(string fault)
        where T : class => Peek() as T ?? throw _faults.Damaged($"its pickle {fault}");

    private readonly object? Peek()
    {
        var floor = _marks.Count > 0 ? _marks[^1] : 0;
        return _stack.Count > floor ? _stack[^1] : throw _faults.Damaged("its pickle takes something where nothing is");
    }

    private readonly object? Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private readonly object?[] PopTwo() => PopMany(2);

    private readonly object?[] PopMany(int count)
    {
        var floor = _marks.Count > 0 ? _marks[^1] : 0;
        if (count > _stack.Count - floor)
        {
            throw _faults.Damaged("its pickle takes something where nothing is");
        }

        var taken = CollectionsMarshal.AsSpan(_stack)[^count..].ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return taken;
    }

    private readonly int CountToMark()
    {
        var mark = _marks.Count > 0 ? _marks[^1] : throw _faults.Damaged("its pickle goes back to a mark that it did not set");
        _marks.RemoveAt(_marks.Count - 1);
        return _stack.Count - mark;
    }

    private readonly object?[] PopToMark() => PopMany(CountToMark());
}
