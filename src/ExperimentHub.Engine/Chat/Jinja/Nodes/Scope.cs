using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>
/// The variables of one call of the template, a macro or a recursive loop. A slot without a value stands for a variable that is not set;
/// a macro sees the slots of the place where it is defined, as they are when it is called.
/// </summary>
internal sealed class Scope(int slots, Scope? parent)
{
    private readonly Value?[] _slots = new Value?[slots];

    public Scope? Parent { get; } = parent;

    public Value? this[Place place]
    {
        get => At(place.Hops)._slots[place.Slot];
        set => At(place.Hops)._slots[place.Slot] = value;
    }

    private Scope At(int hops)
    {
        var scope = this;
        for (; hops > 0; hops--)
        {
            scope = scope.Parent!;
        }

        return scope;
    }
}

/// <summary>Where a variable lies: so many calls out, and there in that slot.</summary>
internal readonly record struct Place(int Hops, int Slot);

/// <summary>What is put into a slot when a block begins: a variable from outside, the value of an outer variable, or nothing.</summary>
/// <param name="Name">To look up outside the template; null where <paramref name="Outer"/> counts.</param>
internal sealed record Load(Place Target, string? Name, Place? Outer);

/// <summary>The variables of a block that begin and end with it.</summary>
internal sealed record BlockEntry(IReadOnlyList<Load> Loads, IReadOnlyList<Place> Own)
{
    public void Enter(Run run, Scope scope)
    {
        foreach (var load in Loads)
        {
            scope[load.Target] = load.Name is { } name ? run.Resolve(name) : load.Outer is { } outer ? scope[outer] : null;
        }
    }

    public void Leave(Scope scope)
    {
        foreach (var place in Own)
        {
            scope[place] = null;
        }
    }
}
