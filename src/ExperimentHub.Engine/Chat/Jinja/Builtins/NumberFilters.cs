using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Filters that convert and round.</summary>
internal static class NumberFilters
{
    private static readonly string[] s_decimal = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] s_binary = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    public static Value Abs(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("abs", 0);
        return value is FloatValue number ? new FloatValue(Math.Abs(number.Number))
            : Numbers.IsInteger(value, out var integer) ? IntValue.Of(BigInteger.Abs(integer))
            : throw TemplateFault.Runtime($"bad operand type for abs(): '{value.TypeName}'");
    }

    public static Value Int(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("int", 0, "default", "base");
        var missing = bound[0] ?? IntValue.Of(0);
        switch (value)
        {
            case UndefinedValue undefined:
                throw undefined.Fault();
            case FloatValue { Number: var number }:
                return double.IsNaN(number) ? missing
                    : double.IsInfinity(number) ? throw TemplateFault.Runtime("cannot convert float infinity to integer")
                    : IntValue.Of(new BigInteger(number));
            case StrValue text:
                run.Budget.Step(1 + ((long)text.Text.Length * Math.Min(text.Text.Length, 5000) >> 8));
                var radix = bound[1] is { } given ? Numbers.Clamped(given) : 10;
                if ((radix is 0 or (>= 2 and <= 36)) && Numbers.ParseInteger(text.Text, radix) is { } parsed)
                {
                    return IntValue.Of(parsed);
                }

                return Numbers.ParseFloat(text.Text) is { } real && double.IsFinite(real) ? IntValue.Of(new BigInteger(real)) : missing;
            default:
                return Numbers.IsInteger(value, out var integer) ? IntValue.Of(integer) : missing;
        }
    }

    public static Value Float(Run run, Value value, Arguments arguments)
    {
        var missing = arguments.Bind("float", 0, "default")[0] ?? new FloatValue(0);
        return value switch
        {
            UndefinedValue undefined => throw undefined.Fault(),
            StrValue text => Numbers.ParseFloat(text.Text) is { } number ? new FloatValue(number) : missing,
            _ => Numbers.IsNumber(value) ? new FloatValue(Numbers.Double(value)) : missing,
        };
    }

    public static Value Round(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("round", 0, "precision", "method");
        var method = bound[1] is null ? "common" : run.Str(bound[1]!);
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw TemplateFault.Runtime("method must be common, ceil or floor");
        }

        if (method == "common")
        {
            return RoundCommon(value, bound[0]);
        }

        // As Jinja computes it: by a float power of ten where the precision is negative.
        var precision = bound[0] ?? IntValue.Of(0);
        var power = Operators.Power(run, IntValue.Of(10), precision);
        var scaled = Operators.Multiply(run, value, power);
        if (!Numbers.IsNumber(scaled))
        {
            throw TemplateFault.Runtime($"must be real number, not {value.TypeName}");
        }

        if (scaled is FloatValue { Number: var real })
        {
            scaled = double.IsFinite(real)
                ? IntValue.Of(new BigInteger(method == "ceil" ? Math.Ceiling(real) : Math.Floor(real)))
                : throw TemplateFault.Runtime("cannot convert float to integer");
        }

        return Operators.Divide(run, scaled, power);
    }

    public static Value FileSize(Run run, Value value, Arguments arguments)
    {
        var isBinary = arguments.Bind("filesizeformat", 0, "binary")[0]?.IsTrue ?? false;
        var bytes = value is StrValue text
            ? Numbers.ParseFloat(text.Text) ?? throw TemplateFault.Runtime($"could not convert string to float: {PythonText.Repr(InputException.Quote(text.Text))}")
            : Numbers.Double(value);
        var radix = isBinary ? 1024.0 : 1000.0;
        if (bytes == 1)
        {
            return StrValue.Of("1 Byte");
        }

        if (bytes < radix)
        {
            return StrValue.Of($"{new BigInteger(bytes)} Bytes");
        }

        var prefixes = isBinary ? s_binary : s_decimal;
        var place = 0;
        while (place < prefixes.Length - 1 && bytes >= Math.Pow(radix, place + 2))
        {
            place++;
        }

        return StrValue.Of($"{NumberFormat.Fixed(radix * bytes / Math.Pow(radix, place + 2), 1)} {prefixes[place]}");
    }

    private static Value RoundCommon(Value value, Value? precision)
    {
        var isNone = precision is NoneValue;
        var digits = precision is null or NoneValue ? 0 : Numbers.Clamped(precision);
        if (value is FloatValue { Number: var number })
        {
            return isNone ? IntValue.Of(new BigInteger(NumberFormat.Round(number, 0))) : new FloatValue(NumberFormat.Round(number, digits));
        }

        if (!Numbers.IsInteger(value, out var integer))
        {
            throw TemplateFault.Runtime($"type {value.TypeName} doesn't define __round__ method");
        }

        if (digits >= 0)
        {
            return IntValue.Of(integer);
        }

        var power = -(long)digits > integer.GetBitLength() ? BigInteger.Zero : BigInteger.Pow(10, -digits);
        return IntValue.Of(power.IsZero ? 0 : NumberFormat.HalfToEven(integer, power) * power);
    }
}
