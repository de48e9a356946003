using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The attributes of the types other than text.</summary>
internal static class Attributes
{
    private static readonly HashSet<string> s_private =
    [
        "__class__", "__init__", "__doc__", "__new__", "__reduce__", "__reduce_ex__", "__getattribute__", "__setattr__", "__delattr__", "__dir__", "__eq__",
        "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__format__", "__hash__", "__init_subclass__", "__subclasshook__", "__repr__", "__str__", "__sizeof__",
    ];

    private static readonly HashSet<string> s_privateOfContainers = ["__len__", "__iter__", "__getitem__", "__contains__"];

    private static readonly HashSet<string> s_privateOfCallables =
        ["__call__", "__globals__", "__code__", "__closure__", "__defaults__", "__dict__", "__func__", "__self__", "__module__", "__name__", "__qualname__", "__wrapped__"];

    private static readonly HashSet<string> s_privateOfModules = ["__dict__", "__module__", "__weakref__"];

    /// <summary>Methods that would change what a template was given.</summary>
    private static readonly HashSet<string> s_listChanges = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];

    private static readonly HashSet<string> s_dictChanges = ["clear", "pop", "popitem", "setdefault", "update"];

    public static bool IsPrivate(Value owner, string name) =>
        s_private.Contains(name)
        || (s_privateOfContainers.Contains(name) && owner.Length is not null)
        || (owner is CallableValue or UndefinedValue && s_privateOfCallables.Contains(name))
        || (owner is CallableValue or LoopValue or CyclerValue or UndefinedValue && (s_privateOfModules.Contains(name) || name.StartsWith("_undefined_", StringComparison.Ordinal)))
        || (owner is LoopValue && name is "_iterator" or "_iterable" or "_recurse" or "_length" or "_peek_next" or "_before" or "_after" or "_current");

    public static Value? Find(Run run, Value owner, string name) => owner switch
    {
        DictValue dict => OfDict(dict, name),
        SequenceValue sequence => OfSequence(sequence, name),
        LoopValue loop => OfLoop(run, loop, name),
        DictView view => name switch
        {
            "mapping" => view.Dict,
            "isdisjoint" when view.Part != DictPart.Values => Method(view, name, (again, arguments) =>
                BoolValue.Of(!again.Iterate(arguments.Places(name, 1, 1)[0]!).Any(i => Comparison.Contains(again.Budget, view, i)))),
            _ => null,
        },
        RangeValue range => OfRange(range, name),
        IntValue or BoolValue => OfInteger(owner, name),
        FloatValue number => OfFloat(number, name),
        MacroValue macro => OfMacro(macro, name),
        CyclerValue cycler => name switch
        {
            "current" => cycler.Current,
            "next" => Method(cycler, name, (_, _) => cycler.Next()),
            "reset" => Method(cycler, name, (_, _) =>
            {
                cycler.Reset();
                return NoneValue.None;
            }),
            _ => null,
        },
        FunctionValue { Name: "dict" } when name == "fromkeys" => new FunctionValue(name, (again, arguments) => FromKeys(again, arguments)),
        FunctionValue { Name: "namespace" or "cycler" or "joiner" } when name == "mro" => UndefinedValue.Unsafe(owner, name),
        _ => null,
    };

    /// <summary>A function bound to a value.</summary>
    public static FunctionValue Method(Value owner, string name, Func<Run, Arguments, Value> body) => new(name, body, owner.Depth);

    private static Value? OfDict(DictValue dict, string name) => name switch
    {
        "items" => View(dict, DictPart.Items, name),
        "keys" => View(dict, DictPart.Keys, name),
        "values" => View(dict, DictPart.Values, name),
        "get" => Method(dict, name, (_, arguments) =>
        {
            var places = arguments.Places(name, 1, 2);
            return dict.Find(places[0]!) ?? places[1] ?? NoneValue.None;
        }),
        "copy" => Method(dict, name, (run, arguments) =>
        {
            arguments.Places(name, 0, 0);
            return Globals.Copy(run, dict);
        }),
        "fromkeys" => Method(dict, name, FromKeys),
        _ => s_dictChanges.Contains(name) ? UndefinedValue.Unsafe(dict, name) : null,
    };

    private static FunctionValue View(DictValue dict, DictPart part, string name) => Method(dict, name, (_, arguments) =>
    {
        arguments.Places(name, 0, 0);
        return new DictView(dict, part);
    });

    private static DictValue FromKeys(Run run, Arguments arguments)
    {
        var places = arguments.Places("fromkeys", 1, 2);
        var dict = new DictValue();
        foreach (var key in run.Iterate(places[0]!))
        {
            run.Budget.Entries(1);
            dict.Set(key, places[1] ?? NoneValue.None);
        }

        return dict;
    }

    private static Value? OfSequence(SequenceValue sequence, string name)
    {
        if (sequence is TupleValue tuple && tuple.Field(name) is { } field)
        {
            return field;
        }

        return name switch
        {
            "count" => Method(sequence, name, (run, arguments) =>
            {
                var sought = arguments.Places(name, 1, 1)[0]!;
                return IntValue.Of(sequence.Values.Count(v => ReferenceEquals(v, sought) || Comparison.AreEqual(run.Budget, v, sought)));
            }),
            "index" => Method(sequence, name, (run, arguments) => IndexOf(run, sequence, arguments)),
            "copy" when sequence is ListValue => Method(sequence, name, (run, _) => run.List(sequence.Values)),
            _ => sequence is ListValue && s_listChanges.Contains(name) ? UndefinedValue.Unsafe(sequence, name) : null,
        };
    }

    private static IntValue IndexOf(Run run, SequenceValue sequence, Arguments arguments)
    {
        var places = arguments.Places("index", 1, 3);
        var count = sequence.Values.Count;
        var (start, end) = (Bound(places[1], 0, count), Bound(places[2], count, count));
        for (var i = start; i < end; i++)
        {
            if (Comparison.AreEqual(run.Budget, sequence.Values[i], places[0]!))
            {
                return IntValue.Of(i);
            }
        }

        throw TemplateFault.Runtime(sequence is ListValue && places[0]!.Size < 100 ? $"{Printing.Repr(places[0]!)} is not in list" : "tuple.index(x): x not in tuple");
    }

    private static int Bound(Value? value, int missing, int count)
    {
        var bound = value is null ? missing : Numbers.Clamped(value);
        return Math.Clamp(bound < 0 ? bound + count : bound, 0, count);
    }

    private static Value? OfLoop(Run run, LoopValue loop, string name) => name switch
    {
        "index" => IntValue.Of(loop.Index),
        "index0" => IntValue.Of(loop.Index - 1),
        "first" => BoolValue.Of(loop.IsFirst),
        "last" => BoolValue.Of(loop.Peek() is null),
        "length" => IntValue.Of(loop.Count()),
        "revindex" => IntValue.Of(loop.Count() - loop.Index + 1),
        "revindex0" => IntValue.Of(loop.Count() - loop.Index),
        "depth" => IntValue.Of(loop.Level + 1),
        "depth0" => IntValue.Of(loop.Level),
        "previtem" => loop.Previous,
        "nextitem" => loop.Next,
        "cycle" => Method(loop, name, (_, arguments) => loop.Cycle(arguments.Positional)),
        "changed" => Method(loop, name, (again, arguments) => BoolValue.Of(loop.HasChanged(again.Budget, arguments.Positional))),
        _ => null,
    };

    private static Value? OfRange(RangeValue range, string name) => name switch
    {
        "start" => IntValue.Of(range.Start),
        "stop" => IntValue.Of(range.Stop),
        "step" => IntValue.Of(range.Step),
        "count" => Method(range, name, (run, arguments) => IntValue.Of(Comparison.Contains(run.Budget, range, arguments.Places(name, 1, 1)[0]!) ? 1 : 0)),
        "index" => Method(range, name, (_, arguments) => Numbers.IsInteger(arguments.Places(name, 1, 1)[0]!, out var number)
            && (number - range.Start) % range.Step == 0 && (number - range.Start) / range.Step is var place && place >= 0 && place < range.Count
                ? IntValue.Of(place)
                : throw TemplateFault.Runtime("the value is not in range")),
        _ => null,
    };

    private static Value? OfInteger(Value owner, string name)
    {
        Numbers.IsInteger(owner, out var number);
        return name switch
        {
            "real" or "numerator" => IntValue.Of(number),
            "imag" => IntValue.Of(0),
            "denominator" => IntValue.Of(1),
            "conjugate" => Method(owner, name, (_, _) => IntValue.Of(number)),
            "bit_length" => Method(owner, name, (_, _) => IntValue.Of((int)BigInteger.Abs(number).GetBitLength())),
            "bit_count" => Method(owner, name, (_, _) => IntValue.Of(Bits(BigInteger.Abs(number)))),
            "as_integer_ratio" => Method(owner, name, (_, _) => new TupleValue([IntValue.Of(number), IntValue.Of(1)])),
            "to_bytes" or "from_bytes" => Method(owner, name, (_, _) => throw TemplateFault.Runtime("bytes are not supported")),
            _ => null,
        };
    }

    private static int Bits(BigInteger number) => number.ToByteArray().Sum(b => BitOperations.PopCount(b));

    private static Value? OfFloat(FloatValue owner, string name) => name switch
    {
        "real" => owner,
        "imag" => new FloatValue(0),
        "conjugate" => Method(owner, name, (_, _) => owner),
        "is_integer" => Method(owner, name, (_, _) => BoolValue.Of(double.IsInteger(owner.Number))),
        "as_integer_ratio" or "hex" or "fromhex" => Method(owner, name, (_, _) => throw TemplateFault.Runtime($"the method {name} of a float is not supported")),
        _ => null,
    };

    private static Value? OfMacro(MacroValue macro, string name) => name switch
    {
        "name" => macro.Name is { } own ? StrValue.Of(own) : NoneValue.None,
        "arguments" => new TupleValue([.. macro.Body.Parameters.Select(p => StrValue.Of(p.Text))]),
        "catch_kwargs" => BoolValue.Of(macro.Body.Named is not null),
        "catch_varargs" => BoolValue.Of(macro.Body.Positional is not null),
        "caller" => BoolValue.Of(macro.Body.TakesCaller),
        "explicit_caller" => BoolValue.Of(macro.Body.Parameters.Any(p => p.Text == "caller")),
        _ => null,
    };
}
