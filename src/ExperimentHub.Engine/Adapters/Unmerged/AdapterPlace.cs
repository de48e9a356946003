using ExperimentHub.Engine.Adapters.Prompts;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.SequenceToSequence;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>Whether an adapter that fits a model can be active beside its weights: some have no place there, though they could be merged.</summary>
internal static class AdapterPlace
{
    /// <exception cref="InputException">It cannot, or would do nothing.</exception>
    public static void Check(AdapterConfig config, AdapterWeights weights, PretrainedModel model)
    {
        var byName = model.AllWeights.SelectMany(w => w.Parts.Select(p => KeyValuePair.Create(p.Name, w))).ToDictionary(StringComparer.Ordinal);
        foreach (var part in weights.Parts)
        {
            var weight = byName[part.Module + ".weight"];
            if (part.IsEmbedding ? weight.Table is null : weight.Product is null)
            {
                throw Fault(part.Module, $"is a layer of {model.Config.Family} that is computed without adapters; leave it out of target_modules");
            }

            // PEFT wraps the module that both halves have a reference of their own to: nobody calls the wrapper.
            if (part.IsEmbedding && weight == model.WordEmbeddings && model is EncoderDecoderModel)
            {
                throw Fault(part.Module, "is shared by encoder and decoder, where an adapter has no effect before it is merged; leave it out of target_modules");
            }
        }

        if (config.Method == AdapterMethod.PrefixTuning)
        {
            CheckPrefix(weights, model);
        }
    }

    private static void CheckPrefix(AdapterWeights weights, PretrainedModel model)
    {
        if (model is EncoderModel and not LayeredEncoder)
        {
            throw new InputException(
                $"A prefix has no place in a {model.Config.Family}, whose layers read no keys and values from before the text; choose prompt tuning or LoRA.", "adapter.prefix_family", model.Config.Family);
        }

        var (heads, size) = PromptPass.KeyHeads(model);
        var width = 2 * model.Config.Layers * heads * size;
        if (weights.Entry(AdapterWeights.Prompt).Shape[1] != width)
        {
            throw Fault(AdapterWeights.Prompt, $"has {weights.Entry(AdapterWeights.Prompt).Shape[1]} columns; keys and values of {model.Config.Layers} layers with {heads} heads of size {size} take {width}");
        }

        if (model is EncoderDecoderModel { Config: { } config } && config.DecoderLayers > config.Layers)
        {
            throw new InputException(
                $"A prefix is made for as many layers as the encoder has ({config.Layers}), but the decoder has {config.DecoderLayers}; choose prompt tuning or LoRA.", "adapter.prefix_layers", config.Layers, config.DecoderLayers);
        }
    }

    private static InputException Fault(string name, string how) =>
        new($"{AdapterWeights.FileName}: {InputException.Quote(name, 160)} {how}.", "adapter.tensor", AdapterWeights.FileName, InputException.Quote(name, 160), how);
}
