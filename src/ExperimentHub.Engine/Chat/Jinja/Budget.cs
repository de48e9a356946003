namespace ExperimentHub.Engine.Chat.Jinja;

/// <summary>
/// What one rendering may cost. Every limit counts work and never time, so a template that renders once renders always. They grow with
/// the size of the input: a long conversation may be rendered, a short template may not expand to gigabytes.
/// </summary>
internal sealed class Budget(long inputLength)
{
    /// <summary>Macros inside macros, loops inside recursive loops. Python gives up at about the same number.</summary>
    public const int MaxCalls = 200;

    /// <summary>Lists inside lists.</summary>
    public const int MaxDepth = 400;

    /// <summary>Values inside a value that is compared, hashed or printed as a whole.</summary>
    public const long MaxSize = 4_000_000;

    private const long MaxListItems = 1_000_000;

    /// <summary>What an object takes, where a reference in a list takes 1.</summary>
    private const long WordsOfObject = 8;

    private const long WordsOfEntry = 12;

    private readonly long _maxLength = 4_000_000 + (4 * inputLength);
    private long _steps = 20_000_000 + (200 * inputLength);
    private long _characters = 16_000_000 + (200 * inputLength);
    private long _items = 5_000_000 + (20 * inputLength);
    private int _calls;

    /// <summary>Counts the evaluation of a node, or as much work.</summary>
    public void Step(long count = 1)
    {
        if ((_steps -= count) < 0)
        {
            throw TemplateFault.Limit("it takes more steps than a template may");
        }
    }

    /// <summary>Counts the reading of a text of this length, as a search does.</summary>
    public void Scan(long length) => Step(length >> 5);

    /// <summary>Counts a search, whose worst case grows with the product of both lengths.</summary>
    public void Search(long text, long sought) => Step((text >> 5) + (sought > 32 ? text * sought >> 9 : 0));

    /// <summary>Counts a text of this length before it is built.</summary>
    public void Text(long length)
    {
        if (length > _maxLength)
        {
            throw TemplateFault.Limit($"it makes a text of more than {_maxLength} characters");
        }

        if ((_characters -= length) < 0)
        {
            throw TemplateFault.Limit("it makes more text than a template may");
        }
    }

    /// <summary>Counts a list or dictionary of this many entries before it is built.</summary>
    public void Items(long count)
    {
        if (count > MaxListItems + inputLength)
        {
            throw TemplateFault.Limit("it makes longer lists than a template may");
        }

        Charge(count);
    }

    /// <summary>Counts objects that are no mere references: lists, tuples and numbers that are made one by one.</summary>
    public void Objects(long count) => Charge(count * WordsOfObject);

    /// <summary>Counts entries of a dictionary, with their place in its table.</summary>
    public void Entries(long count) => Charge(count * WordsOfEntry);

    /// <summary>Counts arithmetic with large integers, whose cost grows with the product of their lengths.</summary>
    public void Arithmetic(long bits, long otherBits)
    {
        if (bits + otherBits > 512)
        {
            Step(1 + (bits * otherBits / 100_000));
        }
    }

    /// <summary>How far down nested values go is told where they are made, so that nothing that walks them can overflow the stack.</summary>
    public static int Deeper(int depth) =>
        depth < MaxDepth ? depth + 1 : throw TemplateFault.Limit($"it nests values more than {MaxDepth} deep");

    public static void Whole(long size)
    {
        if (size > MaxSize)
        {
            throw TemplateFault.Limit($"it handles a value of more than {MaxSize} parts");
        }
    }

    /// <summary>Stops a text while it is being built.</summary>
    public void CheckLength(long length)
    {
        if (length > _maxLength || length > _characters)
        {
            Text(length);
        }
    }

    public void EnterCall()
    {
        if (++_calls > MaxCalls || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateFault.Limit($"it calls itself more than {MaxCalls} levels deep");
        }
    }

    public void LeaveCall() => _calls--;

    private void Charge(long words)
    {
        if ((_items -= words) < 0)
        {
            throw TemplateFault.Limit("it makes more values than a template may");
        }
    }
}
