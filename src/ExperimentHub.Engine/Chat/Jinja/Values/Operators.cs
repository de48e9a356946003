using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Builtins;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Arithmetic as Python has it: <c>//</c> and <c>%</c> follow the sign of the divisor, <c>/</c> always gives a float.</summary>
internal static class Operators
{
    public static Value Add(Run run, Value a, Value b)
    {
        switch (a, b)
        {
            case (UndefinedValue undefined, _):
                throw undefined.Fault();
            case (_, UndefinedValue undefined):
                throw undefined.Fault();
            case (StrValue x, StrValue y):
                return x.IsMarkup || y.IsMarkup
                    ? Markup(run, (x.IsMarkup ? x.Text : Html.Escape(x.Text)) + (y.IsMarkup ? y.Text : Html.Escape(y.Text)))
                    : Join(run, x.Text, y.Text);
            case (ListValue x, ListValue y):
                return run.List([.. x.Values, .. Counted(run, y.Values, x.Values.Count)]);
            case (TupleValue x, TupleValue y):
                return new TupleValue([.. x.Values, .. Counted(run, y.Values, x.Values.Count)]);
            case (StrValue, _):
                throw TemplateFault.Runtime($"can only concatenate str (not \"{b.TypeName}\") to str");
            case (SequenceValue, _):
                throw TemplateFault.Runtime($"can only concatenate {a.TypeName} (not \"{b.TypeName}\") to {a.TypeName}");
            default:
                return Arithmetic(run, "+", a, b, (x, y) => x + y, (x, y) => x + y);
        }
    }

    public static Value Subtract(Run run, Value a, Value b) =>
        a is DictView { Part: not DictPart.Values } && b is not UndefinedValue
            ? throw TemplateFault.Runtime("sets are not supported")
            : Arithmetic(run, "-", a, b, (x, y) => x - y, (x, y) => x - y);

    public static Value Multiply(Run run, Value a, Value b)
    {
        if (a is UndefinedValue || b is UndefinedValue)
        {
            throw ((UndefinedValue)(a is UndefinedValue ? a : b)).Fault();
        }

        if (a is StrValue or SequenceValue)
        {
            return Repeat(run, a, b);
        }

        if (b is StrValue or SequenceValue)
        {
            return Repeat(run, b, a);
        }

        return Arithmetic(run, "*", a, b, Product, (x, y) => x * y);
    }

    public static Value Divide(Run run, Value a, Value b)
    {
        Check(run, "/", a, b);
        if (Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y))
        {
            return y.IsZero ? throw TemplateFault.Runtime("division by zero") : new FloatValue(Quotient(x, y));
        }

        var divisor = Numbers.Double(b);
        return divisor == 0 ? throw TemplateFault.Runtime("float division by zero") : new FloatValue(Numbers.Double(a) / divisor);
    }

    public static Value FloorDivide(Run run, Value a, Value b)
    {
        Check(run, "//", a, b);
        if (Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y))
        {
            return y.IsZero ? throw TemplateFault.Runtime("integer division or modulo by zero") : IntValue.Of(FloorQuotient(x, y));
        }

        var (left, right) = (Numbers.Double(a), Numbers.Double(b));
        if (right == 0)
        {
            throw TemplateFault.Runtime("float floor division by zero");
        }

        var quotient = (left - FloorRemainder(left, right)) / right;
        var floor = Math.Floor(quotient);
        return new FloatValue(quotient - floor > 0.5 ? floor + 1 : floor == 0 ? Math.CopySign(0, left / right) : floor);
    }

    public static Value Modulo(Run run, Value a, Value b)
    {
        if (a is StrValue format)
        {
            return PercentFormat.Format(run, format, b);
        }

        Check(run, "%", a, b);
        if (Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y))
        {
            return y.IsZero ? throw TemplateFault.Runtime("integer modulo by zero") : IntValue.Of(x - (FloorQuotient(x, y) * y));
        }

        var right = Numbers.Double(b);
        return right == 0 ? throw TemplateFault.Runtime("float modulo") : new FloatValue(FloorRemainder(Numbers.Double(a), right));
    }

    public static Value Power(Run run, Value a, Value b)
    {
        Check(run, "** or pow()", a, b);
        if (Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y) && y.Sign >= 0)
        {
            if (BigInteger.Abs(x) > 1 && (y > IntValue.MaxBits || x.GetBitLength() * (long)y > IntValue.MaxBits + 64))
            {
                throw TemplateFault.Limit($"it computes a number of more than {IntValue.MaxBits} bits");
            }

            var bits = x.GetBitLength() * (long)BigInteger.Min(y, IntValue.MaxBits);
            run.Budget.Arithmetic(bits, bits);
            return IntValue.Of(BigInteger.Abs(x) <= 1 ? BigInteger.Pow(x, y.IsEven ? 2 : 1) is var p && y.IsZero ? BigInteger.One : p : BigInteger.Pow(x, (int)y));
        }

        var (left, right) = (Numbers.Double(a), Numbers.Double(b));
        if (left == 0 && right < 0)
        {
            throw TemplateFault.Runtime("0.0 cannot be raised to a negative power");
        }

        if (left < 0 && right != Math.Floor(right) && double.IsFinite(left) && double.IsFinite(right))
        {
            throw TemplateFault.Runtime("complex numbers are not supported");
        }

        var power = Math.Pow(left, right);
        return double.IsInfinity(power) && double.IsFinite(left) && double.IsFinite(right)
            ? throw TemplateFault.Runtime("(34, 'Numerical result out of range')")
            : new FloatValue(power);
    }

    public static Value Sign(Value value, bool isNegative) => value switch
    {
        UndefinedValue undefined => throw undefined.Fault(),
        FloatValue number => new FloatValue(isNegative ? -number.Number : number.Number),
        _ when Numbers.IsInteger(value, out var number) => IntValue.Of(isNegative ? -number : number),
        _ => throw TemplateFault.Runtime($"bad operand type for unary {(isNegative ? '-' : '+')}: '{value.TypeName}'"),
    };

    /// <summary>Joined without copying where one part is empty.</summary>
    private static StrValue Join(Run run, string a, string b)
    {
        run.Budget.Text((long)a.Length + b.Length);
        return StrValue.Of(a + b);
    }

    private static StrValue Markup(Run run, string text)
    {
        run.Budget.Text(text.Length);
        return new StrValue(text, isMarkup: true);
    }

    private static IReadOnlyList<Value> Counted(Run run, IReadOnlyList<Value> values, int before)
    {
        run.Budget.Items((long)before + values.Count);
        return values;
    }

    private static Value Repeat(Run run, Value sequence, Value times)
    {
        if (!Numbers.IsInteger(times, out var number))
        {
            throw TemplateFault.Runtime($"can't multiply sequence by non-int of type '{times.TypeName}'");
        }

        var count = (int)BigInteger.Clamp(number, 0, int.MaxValue);
        if (sequence is StrValue text)
        {
            run.Budget.Text((long)text.Text.Length * count);
            var repeated = count == 0 || text.Text.Length == 0 ? "" : string.Create(text.Text.Length * count, text.Text, static (span, source) =>
            {
                for (var at = 0; at < span.Length; at += source.Length)
                {
                    source.CopyTo(span[at..]);
                }
            });
            return text.IsMarkup ? new StrValue(repeated, isMarkup: true) : StrValue.Of(repeated);
        }

        var values = ((SequenceValue)sequence).Values;
        run.Budget.Items((long)values.Count * count);
        var all = new Value[values.Count * count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = values[i % values.Count];
        }

        return sequence is ListValue ? new ListValue(all) : new TupleValue(all);
    }

    private static Value Arithmetic(Run run, string sign, Value a, Value b, Func<BigInteger, BigInteger, BigInteger> integers, Func<double, double, double> floats)
    {
        Check(run, sign, a, b);
        return Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y)
            ? IntValue.Of(integers(x, y))
            : new FloatValue(floats(Numbers.Double(a), Numbers.Double(b)));
    }

    private static void Check(Run run, string sign, Value a, Value b)
    {
        if (a is UndefinedValue || b is UndefinedValue)
        {
            throw ((UndefinedValue)(a is UndefinedValue ? a : b)).Fault();
        }

        if (!Numbers.IsNumber(a) || !Numbers.IsNumber(b))
        {
            throw TemplateFault.Runtime($"unsupported operand type(s) for {sign}: '{a.TypeName}' and '{b.TypeName}'");
        }

        if (a is IntValue x && b is IntValue y)
        {
            run.Budget.Arithmetic(x.Number.GetBitLength(), y.Number.GetBitLength());
        }
    }

    private static BigInteger Product(BigInteger x, BigInteger y) =>
        x.GetBitLength() + y.GetBitLength() <= IntValue.MaxBits + 64 ? x * y
        : throw TemplateFault.Limit($"it computes a number of more than {IntValue.MaxBits} bits");

    private static BigInteger FloorQuotient(BigInteger x, BigInteger y)
    {
        var quotient = BigInteger.DivRem(x, y, out var remainder);
        return !remainder.IsZero && remainder.Sign != y.Sign ? quotient - 1 : quotient;
    }

    private static double FloorRemainder(double x, double y)
    {
        var remainder = x % y;
        return remainder == 0 ? Math.CopySign(0, y) : (remainder < 0) != (y < 0) ? remainder + y : remainder;
    }

    /// <summary>The quotient of two integers, correct also where they are too large for floats.</summary>
    private static double Quotient(BigInteger x, BigInteger y)
    {
        if (BigInteger.Abs(x) < (1L << 53) && BigInteger.Abs(y) < (1L << 53))
        {
            return (double)x / (double)y;
        }

        // 64 more bits than a float holds, and a last one that says whether anything is left: then one rounding is right.
        var shift = (int)Math.Max(0, 64 + y.GetBitLength() - x.GetBitLength());
        var quotient = BigInteger.DivRem(BigInteger.Abs(x) << shift, BigInteger.Abs(y), out var remainder);
        var scaled = (double)((quotient << 1) | (remainder.IsZero ? 0 : 1));
        var result = Math.ScaleB(scaled, -shift - 1) * (x.Sign * y.Sign);
        return double.IsInfinity(result) ? throw TemplateFault.Runtime("integer division result too large for a float") : result;
    }
}
