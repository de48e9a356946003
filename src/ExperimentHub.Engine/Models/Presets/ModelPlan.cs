using System.Text.Json.Nodes;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary>A model that is not there yet: its <c>config.json</c> and its weights by name and shape. Planning takes no memory and no torch.</summary>
public sealed class ModelPlan
{
    internal ModelPlan(JsonObject config)
    {
        ConfigJson = config;
        Config = ModelConfig.Of(ConfigFields.Of(config));
        var family = ModelFamily.Of(Config);
        var head = family.Kind switch
        {
            ModelKinds.Decoder => ModelHead.CausalLanguageModel,
            ModelKinds.EncoderDecoder => ModelHead.ConditionalGeneration,
            _ => ModelHead.None,
        };
        config["architectures"] = new JsonArray(family.ArchitectureOf(head));
        var all = family.Build(Config, head).AllWeights.Where(w => w.MayTieTo is null);
        Weights = [.. head == ModelHead.None ? ReadByClassifiers(family, all) : all];
    }

    /// <summary>Elements of all weights.</summary>
    public long Parameters => Weights.Sum(w => w.Elements);

    /// <summary>Size of the file.</summary>
    public long WeightBytes => ModelMemory.Of(Parameters);

    /// <summary>Memory that training all of it takes, without what it computes on the way.</summary>
    public long TrainingBytes => ModelMemory.Training(Parameters);

    internal ModelConfig Config { get; }

    internal JsonObject ConfigJson { get; }

    /// <summary>What is saved; a tied weight is not, since it is another one.</summary>
    internal IReadOnlyList<Weight> Weights { get; }

    /// <summary>Without what no classifier reads: RoBERTa's body has a pooler that its own heads leave aside.</summary>
    private IEnumerable<Weight> ReadByClassifiers(ModelFamily family, IEnumerable<Weight> body)
    {
        var classifier = family.Build(Config with { Labels = ["0", "1"] }, ModelHead.SequenceClassification);
        var read = classifier.AllWeights.Select(w => Bare(w.Parts[0].Name)).ToHashSet(StringComparer.Ordinal);
        return body.Where(w => read.Contains(w.Parts[0].Name));

        string Bare(string name) => classifier.Prefixes.FirstOrDefault(p => name.StartsWith(p + ".", StringComparison.Ordinal)) is { } prefix ? name[(prefix.Length + 1)..] : name;
    }
}
