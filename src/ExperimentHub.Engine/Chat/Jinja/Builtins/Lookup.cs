using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>
/// What <c>a.b</c> and <c>a['b']</c> give. A name that Python's own type has, but that the sandbox forbids, gives an undefined value that
/// fails with a word about safety when it is used.
/// </summary>
internal static class Lookup
{
    public static Value Attribute(Run run, Value owner, string name)
    {
        if (Own(run, owner, name) is { } own)
        {
            return own;
        }

        if (owner is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        return owner switch
        {
            DictValue dict => dict.Find(name),
            SelfValue => BlockOf(run, name),
            _ => null,
        }
            ?? UndefinedValue.Attribute(owner, name);
    }

    public static Value Item(Run run, Value owner, Value index)
    {
        switch (owner)
        {
            case UndefinedValue undefined:
                throw undefined.Fault();
            case DictValue dict:
                if (Hashing.IsHashable(index) && dict.Find(index) is { } found)
                {
                    return found;
                }

                break;
            case SelfValue when index is StrValue name && BlockOf(run, name.Text) is { } block:
                return block;
            default:
                if (Slicing.At(run, owner, index) is { } item)
                {
                    return item;
                }

                break;
        }

        return (index is StrValue text ? Own(run, owner, text.Text) : null) ?? UndefinedValue.Element(owner, index);
    }

    /// <summary>As the filter <c>attr</c>: an attribute, never a key.</summary>
    public static Value AttributeOnly(Run run, Value owner, string name) =>
        Own(run, owner, name) ?? (owner is UndefinedValue undefined ? throw undefined.Fault() : UndefinedValue.Attribute(owner, name));

    /// <summary>The attribute of Python's type; null where it has none of that name.</summary>
    private static Value? Own(Run run, Value owner, string name)
    {
        if (name.StartsWith('_'))
        {
            return Attributes.IsPrivate(owner, name) ? UndefinedValue.Unsafe(owner, name) : null;
        }

        return owner switch
        {
            StrValue text => StringMethods.Find(text, name),
            NamespaceValue space => space.Fields.Find(name),
            _ => Attributes.Find(run, owner, name),
        };
    }

    private static FunctionValue? BlockOf(Run run, string name) => !run.Blocks.TryGetValue(name, out var block) ? null : new FunctionValue(name, (again, _) =>
    {
        again.Budget.EnterCall();
        var output = new Output(again.Budget);
        block.Render(again, output);
        again.Budget.LeaveCall();
        return again.Text(output.ToString());
    });
}
