using System.Text;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary><c>str(value)</c> and <c>repr(value)</c>.</summary>
internal static class Printing
{
    /// <summary>What <c>{{ value }}</c> prints.</summary>
    public static string Str(Budget budget, Value value)
    {
        switch (value)
        {
            case StrValue text:
                return text.Text;
            case UndefinedValue:
                return "";
            case IntValue number:
                return Numbers.Text(number.Number);
            default:
                var builder = new StringBuilder();
                Write(builder, value, budget, 0);
                budget.Text(builder.Length);
                return builder.ToString();
        }
    }

    public static string Repr(Budget budget, Value value)
    {
        var builder = new StringBuilder();
        Write(builder, value, budget, 0);
        budget.Text(builder.Length);
        return builder.ToString();
    }

    /// <summary>Of a small value, for a message.</summary>
    public static string Repr(Value value)
    {
        var builder = new StringBuilder();
        Write(builder, value, null, 0);
        return builder.ToString();
    }

    private static void Write(StringBuilder builder, Value value, Budget? budget, int depth)
    {
        if (budget is not null)
        {
            budget.Step();
            budget.CheckLength(builder.Length);
        }

        switch (value)
        {
            case StrValue { IsMarkup: true } markup:
                builder.Append("Markup(");
                PythonText.Repr(builder, markup.Text);
                builder.Append(')');
                break;
            case StrValue text:
                budget?.CheckLength(builder.Length + text.Text.Length);
                PythonText.Repr(builder, text.Text);
                break;
            case ListValue list:
                builder.Append('[');
                WriteAll(builder, list.Values, budget, depth);
                builder.Append(']');
                break;
            case TupleValue tuple:
                builder.Append('(');
                WriteAll(builder, tuple.Values, budget, depth);
                builder.Append(tuple.Values.Count == 1 ? ",)" : ")");
                break;
            case DictValue dict:
                WriteDict(builder, dict, budget, depth);
                break;
            case DictView view:
                builder.Append(view.TypeName).Append("([");
                WriteAll(builder, view.Items, budget, depth);
                builder.Append("])");
                break;
            case NamespaceValue space:
                // The only value that can hold itself.
                if (depth > Budget.MaxDepth)
                {
                    throw TemplateFault.Limit("it prints a namespace that holds itself");
                }

                builder.Append("<Namespace ");
                WriteDict(builder, space.Fields, budget, depth + 1);
                builder.Append('>');
                break;
            case RangeValue range:
                builder.Append("range(").Append(range.Start).Append(", ").Append(range.Stop);
                builder.Append(range.Step == 1 ? ")" : $", {range.Step})");
                break;
            default:
                builder.Append(value switch
                {
                    NoneValue => "None",
                    BoolValue flag => flag.IsTrue ? "True" : "False",
                    IntValue number => Numbers.Text(number.Number),
                    FloatValue number => Numbers.Text(number.Number),
                    UndefinedValue => "Undefined",
                    MacroValue macro => $"<Macro {(macro.Name is { } name ? PythonText.Repr(name) : "anonymous")}>",
                    SelfValue => "<TemplateReference None>",
                    LoopValue loop => $"<LoopContext {loop.Index}/{loop.Count()}>",
                    _ => $"<{value.ObjectName}>",
                });
                break;
        }
    }

    private static void WriteAll(StringBuilder builder, IEnumerable<Value> values, Budget? budget, int depth)
    {
        var first = true;
        foreach (var value in values)
        {
            builder.Append(first ? "" : ", ");
            first = false;
            Write(builder, value, budget, depth + 1);
        }
    }

    private static void WriteDict(StringBuilder builder, DictValue dict, Budget? budget, int depth)
    {
        builder.Append('{');
        var first = true;
        foreach (var (key, value) in dict.Entries)
        {
            builder.Append(first ? "" : ", ");
            first = false;
            Write(builder, key, budget, depth + 1);
            builder.Append(": ");
            Write(builder, value, budget, depth + 1);
        }

        builder.Append('}');
    }
}
