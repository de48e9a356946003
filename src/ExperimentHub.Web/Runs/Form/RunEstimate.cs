using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>What a run will do, before it starts: how many weights learn and how many steps it takes.</summary>
public sealed record RunEstimate(long Trainable, long Parameters, long StepsPerEpoch, long Steps, long Rows)
{
    public static RunEstimate? Of(RunConfig config, ModelInfo? model, long? trainRows, int? labels)
    {
        if (model is null || trainRows is not { } all || labels is not { } classes || config.BatchSize < 1 || config.GradientAccumulationSteps < 1)
        {
            return null;
        }

        var rows = config.MaxTrainRows > 0 ? Math.Min(config.MaxTrainRows, all) : all;
        var batches = (rows + config.BatchSize - 1) / config.BatchSize;
        var perEpoch = (batches + config.GradientAccumulationSteps - 1) / config.GradientAccumulationSteps;
        var steps = config.MaxSteps > 0 ? config.MaxSteps : (long)Math.Ceiling(config.Epochs * perEpoch);
        var (embeddings, layer, pooler, head) = PartsOfBert(model, classes);
        var parameters = embeddings + (layer * model.Layers) + pooler + head;
        var trainable = config.Trainable switch
        {
            "head" => head,
            "last_layers" => (layer * Math.Min(config.LastLayers, model.Layers)) + pooler + head,
            _ => parameters,
        };
        return new RunEstimate(trainable, parameters, perEpoch, steps, rows);
    }

    /// <summary>Weights and biases of BERT's parts (width C, inner width I): embeddings with their norm, one layer, pooler, head.</summary>
    private static (long Embeddings, long Layer, long Pooler, long Head) PartsOfBert(ModelInfo model, int classes)
    {
        long width = model.HiddenSize, inner = model.IntermediateSize;
        var embeddings = ((model.VocabularySize + model.MaxLength + 2L) * width) + (2 * width);
        var attention = 4 * ((width * width) + width);
        var feedForward = (2 * width * inner) + inner + width;
        return (embeddings, attention + feedForward + (4 * width), (width * width) + width, (classes * width) + classes);
    }
}
