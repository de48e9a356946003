using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The filter <c>pprint</c>: keys in order, and containers that do not fit a line of 80 characters over several lines.</summary>
internal static class PrettyPrint
{
    private const int Width = 80;

    public static string Format(Run run, Value value)
    {
        Budget.Whole(value.Size);
        run.Budget.Objects(2 * value.Size);
        var builder = new StringBuilder();
        Write(run, builder, Sorted(run, value), 0, 0);
        return builder.ToString();
    }

    private static void Write(Run run, StringBuilder builder, Value value, int indent, int allowance)
    {
        // Each part takes a character at least, so a large value is not tried on one line.
        run.Budget.CheckLength(builder.Length + (long)indent);
        if (value.Size <= Width || value is not (SequenceValue or DictValue))
        {
            var flat = Printing.Repr(run.Budget, value);
            if (flat.Length <= Width - indent - allowance || value is not (SequenceValue or DictValue) || !value.IsTrue)
            {
                run.Budget.CheckLength(builder.Length + (long)flat.Length);
                builder.Append(flat);
                return;
            }
        }

        var (open, close) = value is DictValue ? ('{', '}') : value is ListValue ? ('[', ']') : ('(', ')');
        builder.Append(open);
        var isLoneTuple = value is TupleValue { Values.Count: 1 };
        if (value is DictValue dict)
        {
            for (var i = 0; i < dict.Entries.Count; i++)
            {
                var (key, item) = dict.Entries[i];
                var name = Printing.Repr(run.Budget, key);
                builder.Append(i > 0 ? ",\n" + new string(' ', indent + 1) : "").Append(name).Append(": ");
                Write(run, builder, item, indent + 1 + name.Length + 2, i == dict.Entries.Count - 1 ? allowance + 1 : 1);
            }
        }
        else
        {
            var values = ((SequenceValue)value).Values;
            for (var i = 0; i < values.Count; i++)
            {
                builder.Append(i > 0 ? ",\n" + new string(' ', indent + 1) : "");
                Write(run, builder, values[i], indent + 1, i == values.Count - 1 ? allowance + (isLoneTuple ? 2 : 1) : 1);
            }
        }

        builder.Append(isLoneTuple ? "," : "").Append(close);
    }

    private static Value Sorted(Run run, Value value)
    {
        run.Budget.Step();
        switch (value)
        {
            case DictValue dict:
                run.Budget.Entries(dict.Entries.Count + 1);
                var sorted = new DictValue();
                var keys = dict.Entries.Select(e => e.Key).ToList();
                foreach (var key in keys.All(k => k is StrValue) || keys.All(Numbers.IsNumber) ? Comparison.Sort(run.Budget, keys, k => k, reverse: false) : keys)
                {
                    sorted.Set(key, Sorted(run, dict.Find(key)!));
                }

                return sorted;
            case ListValue list:
                return run.List([.. list.Values.Select(v => Sorted(run, v))]);
            case TupleValue tuple:
                return new TupleValue([.. tuple.Values.Select(v => Sorted(run, v))]);
            default:
                return value;
        }
    }
}
