using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The filter <c>tojson</c> of transformers: Python's <c>json.dumps</c>, which escapes nothing for HTML.</summary>
internal sealed class JsonText
{
    private readonly Run _run;
    private readonly StringBuilder _builder = new();
    private readonly bool _asciiOnly;
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _sortKeys;

    private JsonText(Run run, Value?[] options)
    {
        _run = run;
        _asciiOnly = options[0]?.IsTrue ?? false;
        _indent = options[1] switch
        {
            null or NoneValue => null,
            StrValue text => text.Text,
            { } width => new string(' ', Math.Clamp(Numbers.Clamped(width), 0, 10_000)),
        };
        _sortKeys = options[3]?.IsTrue ?? false;
        (_itemSeparator, _keySeparator) = options[2] is null or NoneValue ? (_indent is null ? ", " : ",", ": ") : Separators(options[2]!);
    }

    public static Value Dump(Run run, Value value, Arguments arguments)
    {
        var json = new JsonText(run, arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys"));
        json.Write(value, 0);
        return run.Text(json._builder.ToString());
    }

    private static (string Item, string Key) Separators(Value value)
    {
        var parts = value.Items?.Take(3).ToList() ?? throw TemplateFault.Runtime($"cannot unpack non-iterable {value.TypeName} object");
        return parts.Count == 2
            ? (StringMethods.TextOf(parts[0], "join"), StringMethods.TextOf(parts[1], "join"))
            : throw TemplateFault.Runtime("separators must be two texts");
    }

    private void Write(Value value, int level)
    {
        _run.Budget.Step();
        _run.Budget.CheckLength(_builder.Length);
        switch (value)
        {
            case StrValue text:
                WriteText(text.Text);
                break;
            case NoneValue or BoolValue or IntValue or FloatValue:
                _builder.Append(Scalar(value));
                break;
            case SequenceValue sequence:
                WriteAll('[', sequence.Values, ']', level, item => Write(item, level + 1));
                break;
            case DictValue dict:
                WriteAll('{', Sorted(dict), '}', level, entry =>
                {
                    WriteText(Key(entry.Key));
                    _builder.Append(_keySeparator);
                    Write(entry.Value, level + 1);
                });
                break;
            default:
                throw TemplateFault.Runtime($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void WriteAll<T>(char open, IReadOnlyCollection<T> items, char close, int level, Action<T> write)
    {
        _builder.Append(open);
        var first = true;
        foreach (var item in items)
        {
            _builder.Append(first ? "" : _itemSeparator);
            first = false;
            Break(level + 1);
            write(item);
        }

        if (items.Count > 0)
        {
            Break(level);
        }

        _builder.Append(close);
    }

    private void Break(int level)
    {
        if (_indent is null)
        {
            return;
        }

        _run.Budget.CheckLength(_builder.Length + ((long)level * _indent.Length));
        _builder.Append('\n').Insert(_builder.Length, _indent, level);
    }

    private IReadOnlyCollection<KeyValuePair<Value, Value>> Sorted(DictValue dict)
    {
        if (!_sortKeys)
        {
            return dict.Entries;
        }

        var keys = Comparison.Sort(_run.Budget, [.. dict.Entries.Select(e => e.Key)], k => k, reverse: false);
        return [.. keys.Select(k => new KeyValuePair<Value, Value>(k, dict.Find(k)!))];
    }

    private static string Key(Value key) => key switch
    {
        StrValue text => text.Text,
        NoneValue or BoolValue or IntValue or FloatValue => Scalar(key),
        _ => throw TemplateFault.Runtime($"keys must be str, int, float, bool or None, not {key.TypeName}"),
    };

    private static string Scalar(Value value) => value switch
    {
        BoolValue flag => flag.IsTrue ? "true" : "false",
        IntValue number => Numbers.Text(number.Number),
        FloatValue { Number: double.NaN } => "NaN",
        FloatValue { Number: double.PositiveInfinity } => "Infinity",
        FloatValue { Number: double.NegativeInfinity } => "-Infinity",
        FloatValue number => Numbers.Text(number.Number),
        _ => "null",
    };

    private void WriteText(string text)
    {
        _run.Budget.CheckLength(_builder.Length + (long)text.Length);
        _builder.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"':
                    _builder.Append("\\\"");
                    break;
                case '\\':
                    _builder.Append("\\\\");
                    break;
                case '\n':
                    _builder.Append("\\n");
                    break;
                case '\r':
                    _builder.Append("\\r");
                    break;
                case '\t':
                    _builder.Append("\\t");
                    break;
                case '\f':
                    _builder.Append("\\f");
                    break;
                case '\b':
                    _builder.Append("\\b");
                    break;
                case < ' ':
                case > '~' when _asciiOnly:
                    _builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    _builder.Append(c);
                    break;
            }
        }

        _builder.Append('"');
    }
}
