namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// Where a layer stands in a model: the beginning of its names in the checkpoint, its depth, and how its matrices are initialised.
/// Whatever weight is made at a place joins the model's weights, so they come in the order in which the layers are built.
/// </summary>
internal sealed class Place
{
    private readonly List<Weight> _weights;

    private Place(List<Weight> weights, string name, int depth, Initialisation initial)
    {
        _weights = weights;
        (Name, Depth, Initial) = (name, depth, initial);
    }

    public string Name { get; }

    /// <summary>See <see cref="Weight.Depth"/>.</summary>
    public int Depth { get; }

    /// <summary>What new matrices here are filled with.</summary>
    public Initialisation Initial { get; }

    /// <summary>False where a checkpoint may lack the weights: those of a head.</summary>
    public bool Required { get; private init; } = true;

    /// <summary>All weights made so far, anywhere in the model.</summary>
    public IReadOnlyList<Weight> Weights => _weights;

    /// <summary>The place of a whole model; new matrices are normal with <paramref name="deviation"/>.</summary>
    public static Place Root(double deviation) => new([], "", 0, Initialisation.Normal(deviation));

    /// <summary>A place inside this one; an empty name is this one's.</summary>
    public Place At(string name, int? depth = null) =>
        new(_weights, name.Length == 0 ? Name : NameOf(name), depth ?? Depth, Initial) { Required = Required };

    /// <summary>The same place for weights that a checkpoint need not have.</summary>
    public Place Optional() => new(_weights, Name, Depth, Initial) { Required = false };

    public Place With(Initialisation initial) => new(_weights, Name, Depth, initial) { Required = Required };

    public string NameOf(string name) => Name.Length == 0 ? name : $"{Name}.{name}";

    public Weight Add(Weight weight)
    {
        _weights.Add(weight);
        return weight;
    }

    /// <summary>A weight that is one tensor of the checkpoint.</summary>
    public Weight Add(string name, IReadOnlyList<long> shape, string setting, Initialisation? initial = null) =>
        Add(new Weight(Depth, initial ?? Initial, [.. shape.Skip(1)], setting, new WeightPart(NameOf(name), shape[0])) { Required = Required });
}
