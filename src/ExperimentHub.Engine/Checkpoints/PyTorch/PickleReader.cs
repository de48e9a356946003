using System.Numerics;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// Reads a pickle (protocols 0 to 5) as a description of data. It is a stack machine with the opcodes of Python's <c>pickletools</c>, but
/// no name is ever looked up beyond <see cref="PickleNames"/> and no call makes anything but a value of <c>PickleValues.cs</c>.
/// What it may take in memory is counted before it is taken (<see cref="PickleStack"/>).
/// </summary>
internal ref struct PickleReader
{
    private const int Number = PickleStack.Number;
    private const int Container = PickleStack.Container;
    private const int MostArguments = 16;
    private const int MostDimensions = 64;

    private readonly PickleFaults _faults;
    private readonly PickleStack _stack;
    private readonly Dictionary<string, StorageView> _storages = new(StringComparer.Ordinal);
    private PickleInput _input;

    public PickleReader(ReadOnlySpan<byte> bytes, PickleFaults faults)
    {
        _faults = faults;
        _stack = new PickleStack(faults);
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
                return _stack.Pop();
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
                _stack.Push(null, 0);
                break;
            case '\x88' or '\x89':
                _stack.Push(opcode == '\x88', Number);
                break;
            case 'I' or 'L':
                // I00 and I01 are truth values of protocol 0; nobody asks what they are.
                _stack.PushNumber(_input.Digits());
                break;
            case 'J':
                _stack.Push((long)_input.Int32(), Number);
                break;
            case 'K':
                _stack.Push((long)_input.Byte(), Number);
                break;
            case 'M':
                _stack.Push((long)_input.UInt16(), Number);
                break;
            case '\x8A':
                _stack.PushNumber(_input.Number(_input.Byte()));
                break;
            case '\x8B':
                _stack.PushNumber(_input.Number(_input.Int32()));
                break;
            case 'F':
                _stack.Push(_input.Decimal(), Number);
                break;
            case 'G':
                _stack.Push(_input.Double(), Number);
                break;
            case 'S':
                _stack.PushText(_input.Quoted());
                break;
            case 'V':
                _stack.PushText(_input.Escaped());
                break;
            case 'T':
                _stack.PushText(_input.Text((ulong)Math.Max(0, _input.Int32())));
                break;
            case 'U' or '\x8C':
                _stack.PushText(_input.Text(_input.Byte()));
                break;
            case 'X':
                _stack.PushText(_input.Text(_input.UInt32()));
                break;
            case '\x8D':
                _stack.PushText(_input.Text(_input.UInt64()));
                break;
            case 'C':
                _stack.PushBytes(_input.Take(_input.Byte()));
                break;
            case 'B':
                _stack.PushBytes(_input.Take(_input.UInt32()));
                break;
            case '\x8E' or '\x96':
                _stack.PushBytes(_input.Take(_input.UInt64()));
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
                _stack.Mark();
                break;
            case '0':
                _stack.Drop();
                break;
            case '1':
                _stack.PopToMark();
                break;
            case '2':
                _stack.Push(_stack.Peek(), 0);
                break;
            case '}':
                _stack.Push(new PickleDictionary(), Container);
                break;
            case ']':
                _stack.Push(new List<object?>(), Container);
                break;
            case '\x8F':
                _stack.Push(new PickleSet(), Number);
                break;
            case ')':
                _stack.Push(Array.Empty<object?>(), 0);
                break;
            case '\x85' or '\x86' or '\x87':
                _stack.PushTuple(opcode - '\x84');
                break;
            case 't':
                _stack.PushTuple(_stack.CountToMark());
                break;
            case 'l':
                var list = _stack.PopToMark().ToList();
                _stack.Push(list, Container + (list.Count * 8));
                break;
            case 'd':
                var dictionary = new PickleDictionary();
                _stack.AddTo(dictionary, _stack.PopToMark());
                _stack.Push(dictionary, Container);
                break;
            case '\x91':
                _stack.PopToMark();
                _stack.Push(new PickleSet(), Number);
                break;
            case 'a' or 'e':
                var added = opcode == 'a' ? [_stack.Pop()] : _stack.PopToMark();
                _stack.AddTo(_stack.Top<List<object?>>("appends to something that is no list"), added);
                break;
            case 's' or 'u':
                var pairs = opcode == 's' ? _stack.PopTwo() : _stack.PopToMark();
                _stack.AddTo(_stack.Top<PickleDictionary>("puts an entry into something that is no dictionary"), pairs);
                break;
            case '\x90':
                _stack.PopToMark();
                _stack.Top<PickleSet>("adds to something that is no set");
                break;
            case 'b':
                // What is set on a state dict is its _metadata: versions of modules, which nobody asks for here.
                _stack.Pop();
                _stack.Top<PickleDictionary>("sets the state of something that is no dictionary");
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
                _stack.Remember(MemoKey(_input.Line()));
                break;
            case 'q':
                _stack.Remember(_input.Byte());
                break;
            case 'r':
                _stack.Remember(_input.UInt32());
                break;
            case '\x94':
                _stack.Remember();
                break;
            case 'g':
                _stack.Recall(MemoKey(_input.Line()));
                break;
            case 'h':
                _stack.Recall(_input.Byte());
                break;
            case 'j':
                _stack.Recall(_input.UInt32());
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
                _stack.Push(Known(_input.Line(), _input.Line()), Number);
                break;
            case '\x93':
                var names = _stack.PopTwo();
                _stack.Push(names is [string module, string name] ? Known(module, name) : throw _faults.Damaged("its pickle names something without a text"), Number);
                break;
            case 'i':
                var function = Known(_input.Line(), _input.Line());
                Call(function, _stack.PopToMark());
                break;
            case 'o':
                var parts = _stack.PopToMark();
                Call(parts.Length > 0 ? parts[0] : null, [.. parts.Skip(1)]);
                break;
            case 'R' or '\x81':
                var call = _stack.PopTwo();
                Call(call[0], call[1] as object?[] ?? throw _faults.Damaged("its pickle calls something without arguments"));
                break;
            case 'Q':
                _stack.Push(Storage(_stack.Pop()), 2 * Container);
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
        object? made = (function, arguments.Length <= MostArguments ? Sized(arguments) : null) switch
        {
            (PickleFunction.OrderedDictionary, []) => new PickleDictionary(),
            (PickleFunction.OrderedDictionary, [List<object?> pairs]) => OfPairs(pairs),
            (PickleFunction.Size, [object?[] sizes]) => sizes,
            (PickleFunction.Tensor, [StorageView storage, long offset, object?[] sizes, object?[] strides, ..]) => new PickledTensor(storage, offset, Numbers(sizes), Numbers(strides)),
            (PickleFunction.Parameter, [PickledTensor tensor, ..]) => tensor,
            _ => throw _faults.Damaged($"its pickle makes something of the wrong parts ({(function is PickleFunction or SafetensorsType ? function : "no function")})"),
        };
        _stack.Push(made, 2 * Container);
    }

    /// <summary>How Python 2 saved an OrderedDict: called with a list of pairs.</summary>
    private PickleDictionary OfPairs(List<object?> pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            _stack.AddTo(dictionary, pair switch
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
        var storage = (id is object?[] { Length: <= MostArguments } parts ? Sized(parts) : null) switch
        {
            ["storage", SafetensorsType type, string key, _, long elements] => new StorageView(type, key, elements, 0, elements),
            ["storage", SafetensorsType type, string key, _, long elements, null] => new StorageView(type, key, elements, 0, elements),
            ["storage", SafetensorsType type, string key, _, long elements, object?[] { Length: 3 } view] when Sized(view) is [_, long offset, long size] => new StorageView(type, key, elements, offset, size),
            _ => throw _faults.Damaged("its pickle refers to a storage without saying type, key and size"),
        };
        var known = _storages.TryAdd(storage.Key, storage) ? storage : _storages[storage.Key];
        return known.Type == storage.Type && known.RootElements == storage.RootElements
            ? storage
            : throw _faults.Damaged($"its pickle says two things of the storage {InputException.Quote(storage.Key)}");
    }

    private readonly long[] Numbers(object?[] values) =>
        values.Length <= MostDimensions && Sized(values) is var sized && sized.All(v => v is long) ? [.. sized.Cast<long>()] : throw _faults.Damaged("its pickle has a shape of something else than numbers");

    /// <summary>Numbers beyond 64 bits are no sizes; as the largest there is they are refused with the tensor's name.</summary>
    private static object?[] Sized(object?[] values) =>
        Array.Exists(values, v => v is BigInteger) ? [.. values.Select(v => v is BigInteger big ? big.Sign < 0 ? long.MinValue : long.MaxValue : v)] : values;

    private readonly uint MemoKey(string line) => uint.TryParse(line, out var key) ? key : throw _faults.Damaged("its pickle remembers something without a number");
}
