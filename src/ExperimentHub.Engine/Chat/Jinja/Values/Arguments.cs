namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>The arguments of a call: those by place, and those by name in the order given.</summary>
internal sealed class Arguments(IReadOnlyList<Value> positional, IReadOnlyList<KeyValuePair<string, Value>> named)
{
    public static readonly Arguments None = new([], []);

    public IReadOnlyList<Value> Positional { get; } = positional;

    public IReadOnlyList<KeyValuePair<string, Value>> Named { get; } = named;

    /// <summary>Puts the arguments to the names of the parameters, as Python does.</summary>
    /// <param name="function">Its name, for messages.</param>
    /// <returns>One value a parameter; null where it was not given.</returns>
    public Value?[] Bind(string function, int required, params string[] names)
    {
        if (Positional.Count > names.Length)
        {
            throw TemplateFault.Runtime($"{function}() takes at most {names.Length} arguments ({Positional.Count} given)");
        }

        var bound = new Value?[names.Length];
        for (var i = 0; i < Positional.Count; i++)
        {
            bound[i] = Positional[i];
        }

        foreach (var (name, value) in Named)
        {
            var place = Array.IndexOf(names, name);
            if (place < 0)
            {
                throw TemplateFault.Runtime($"{function}() got an unexpected keyword argument {PythonText.Repr(name)}");
            }

            if (bound[place] is not null)
            {
                throw TemplateFault.Runtime($"{function}() got multiple values for argument {PythonText.Repr(name)}");
            }

            bound[place] = value;
        }

        for (var i = 0; i < required; i++)
        {
            if (bound[i] is null)
            {
                throw TemplateFault.Runtime($"{function}() missing required argument: {PythonText.Repr(names[i])}");
            }
        }

        return bound;
    }

    /// <summary>The arguments of a method that takes none by name, as those of Python's own types.</summary>
    public Value?[] Places(string function, int required, int most)
    {
        if (Named.Count > 0)
        {
            throw TemplateFault.Runtime($"{function}() takes no keyword arguments");
        }

        if (Positional.Count < required || Positional.Count > most)
        {
            throw TemplateFault.Runtime($"{function}() takes {(required == most ? $"exactly {most}" : $"{required} to {most}")} arguments ({Positional.Count} given)");
        }

        var places = new Value?[most];
        for (var i = 0; i < Positional.Count; i++)
        {
            places[i] = Positional[i];
        }

        return places;
    }

    public Arguments Without(int positional) => new([.. Positional.Skip(positional)], Named);
}
