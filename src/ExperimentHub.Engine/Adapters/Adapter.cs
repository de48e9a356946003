namespace ExperimentHub.Engine.Adapters;

/// <summary>An adapter of PEFT in a folder: its configuration and its tensors, which must fit each other and, for <see cref="Check"/>, a base.</summary>
internal sealed class Adapter : IDisposable
{
    private Adapter(AdapterConfig config, AdapterWeights weights)
    {
        Config = config;
        Weights = weights;
    }

    public AdapterConfig Config { get; }

    public AdapterWeights Weights { get; }

    /// <exception cref="InputException">The folder holds no adapter that is read here, or a damaged one.</exception>
    public static Adapter Open(string folder)
    {
        var config = AdapterConfig.Read(folder);
        var weights = AdapterWeights.Open(folder);
        try
        {
            AdapterFit.CheckItself(config, weights);
            return new Adapter(config, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Holds the adapter against a base, by names and shapes; what a person should know though it fits is given back.</summary>
    /// <exception cref="InputException">It does not fit.</exception>
    public IReadOnlyList<Warning> Check(AdapterBase to) => AdapterFit.Check(Config, Weights, to);

    /// <summary>Writes the adapter into a folder that exists, as PEFT does.</summary>
    public void Write(string folder)
    {
        Config.Write(folder);
        Weights.Write(folder);
    }

    public void Dispose() => Weights.Dispose();
}
