using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Engine.Adapters;

/// <summary>Whether the tensors of an adapter are those that its configuration asks for, and whether both fit a base.</summary>
internal static class AdapterFit
{
    // PEFT names both in every adapter of a classifier, whichever of them the model has.
    private static readonly string[] s_usualHeads = ["classifier", "score"];

    /// <summary>What can be told without a base: pairs, ranks, widths of prompts, numbers.</summary>
    public static void CheckItself(AdapterConfig config, AdapterWeights weights)
    {
        if (config.Method.HasPrompt())
        {
            CheckPrompt(config, weights);
        }

        foreach (var part in weights.Parts)
        {
            if (config.Method == AdapterMethod.Lora)
            {
                CheckPair(config, weights, part);
            }
            else if (config.Method != AdapterMethod.Ia3 || part.Scale is null)
            {
                throw Fault(weights, part.Module, $"has tensors that {config.Method.WireName()} does not have");
            }
        }

        foreach (var entry in weights.Entries)
        {
            if (!entry.Type.IsFloat())
            {
                throw Fault(weights, entry.Name, $"is of type {entry.Type.WireName()}; weights must be F32, F16, BF16 or F64");
            }

            if (!FiniteValues.All(entry.Type, weights.Bytes(entry.Name)))
            {
                throw Fault(weights, entry.Name, "has values that are no numbers (NaN or infinite)");
            }
        }
    }

    public static IReadOnlyList<Warning> Check(AdapterConfig config, AdapterWeights weights, AdapterBase to)
    {
        if (!config.Method.HasPrompt())
        {
            CheckModules(config, weights, to);
        }
        else if (config.Method == AdapterMethod.PrefixTuning ? to.Layers > 0 && config.Layers > 0 && to.Layers != config.Layers : to.Width > 0 && weights.Entry(AdapterWeights.Prompt).Shape[1] != to.Width)
        {
            throw Fault(weights, AdapterWeights.Prompt, $"was made for a base of another size; this one has {to.Layers} layers and width {to.Width}");
        }

        CheckSaved(weights, to);
        return [.. config.ModulesToSave.Where(m => !s_usualHeads.Contains(m) && !to.HasModule(m)).Select(m => new Warning(
            "modules_to_save", $"{AdapterConfig.FileName}: modules_to_save names {InputException.Quote(m)}, which the base does not have; it is left out.", InputException.Quote(m)))];
    }

    private static void CheckPrompt(AdapterConfig config, AdapterWeights weights)
    {
        if (weights.Find(AdapterWeights.Prompt) is not { } prompt)
        {
            throw Fault(weights, AdapterWeights.Prompt, "is missing");
        }

        var isPrefix = config.Method == AdapterMethod.PrefixTuning;
        var rows = (long)config.VirtualTokens * (isPrefix ? 1 : config.Submodules);
        var width = isPrefix ? 2L * config.Layers * config.TokenWidth : config.TokenWidth;
        if (prompt.Shape.Count != 2 || prompt.Shape[0] != rows || (config.TokenWidth > 0 && width > 0 && prompt.Shape[1] != width))
        {
            throw Fault(weights, AdapterWeights.Prompt, $"has the shape {prompt.ShapeText}, {AdapterConfig.FileName} (num_virtual_tokens, token_dim) asks for [{rows}, {width}]");
        }
    }

    private static void CheckPair(AdapterConfig config, AdapterWeights weights, AdapterPart part)
    {
        if (part.Scale is not null || part.Down is null || part.Up is null)
        {
            throw Fault(weights, part.Module, part.Scale is not null ? "has tensors that LORA does not have" : $"has no {(part.Down is null ? "lora_A" : "lora_B")}; its pair is broken");
        }

        if (weights.Entry(part.Down).Shape is not [var down, _] || weights.Entry(part.Up).Shape is not [_, var up] || down != up)
        {
            throw Fault(weights, part.Module, $"has a pair of the shapes {weights.Entry(part.Down).ShapeText} and {weights.Entry(part.Up).ShapeText}, which do not fit together");
        }

        if (down != config.RankOf(part.Module))
        {
            throw Fault(weights, part.Module, $"has the rank {down}, {AdapterConfig.FileName} says r = {config.RankOf(part.Module)}");
        }

        if (config.IsWeightDecomposed != part.Magnitude is not null)
        {
            throw Fault(weights, part.Module, config.IsWeightDecomposed ? "has no lora_magnitude_vector, which use_dora asks for" : "has a lora_magnitude_vector, but use_dora is off");
        }
    }

    private static void CheckModules(AdapterConfig config, AdapterWeights weights, AdapterBase to)
    {
        var wanted = to.Modules.Values.Where(m => m.Kind != ModuleKind.Other && config.Targets.Matches(m)).ToDictionary(m => m.Path, StringComparer.Ordinal);
        foreach (var part in weights.Parts)
        {
            if (!to.Modules.TryGetValue(part.Module, out var module))
            {
                throw Fault(weights, part.Module, "is no module of this base; choose the base that the adapter was trained on");
            }

            if (!wanted.ContainsKey(part.Module))
            {
                throw Fault(weights, part.Module, $"is no target of {AdapterConfig.FileName} (target_modules)");
            }

            CheckShapes(config, weights, part, module);
        }

        if (wanted.Count == 0)
        {
            throw new InputException(
                $"{AdapterConfig.FileName}: target_modules ({InputException.Quote(config.Targets.Pattern ?? string.Join(", ", config.Targets.Names), 200)}) names no module of this base; choose the base that the adapter was trained on.",
                "adapter.no_target", InputException.Quote(config.Targets.Pattern ?? string.Join(", ", config.Targets.Names), 200));
        }

        var parts = weights.Parts.Select(p => p.Module).ToHashSet(StringComparer.Ordinal);
        if (wanted.Keys.FirstOrDefault(m => !parts.Contains(m)) is { } bare)
        {
            throw Fault(weights, bare, "is a target but has no tensors");
        }
    }

    private static void CheckShapes(AdapterConfig config, AdapterWeights weights, AdapterPart part, BaseModule module)
    {
        if (part.Scale is { } scale)
        {
            Expect(weights, scale, config.FeedForward(part.Module) ? [1, module.Inputs] : [module.Outputs, 1]);
            return;
        }

        if (part.IsEmbedding != (module.Kind == ModuleKind.Embedding))
        {
            throw Fault(weights, part.Module, part.IsEmbedding ? "has tensors for an embedding, which it is not in this base" : "is an embedding in this base, but its tensors are for a linear layer");
        }

        var rank = config.RankOf(part.Module);
        Expect(weights, part.Down!, [rank, module.Inputs]);
        Expect(weights, part.Up!, [module.Outputs, rank]);
        if (part.Magnitude is { } magnitude)
        {
            Expect(weights, magnitude, [module.Outputs]);
        }
    }

    private static void CheckSaved(AdapterWeights weights, AdapterBase to)
    {
        foreach (var (target, name) in weights.Saved)
        {
            var shape = to.ShapeOf(target) ?? throw Fault(weights, target, "is no tensor of this base; choose the base that the adapter was trained on");
            var found = weights.Entry(name).Shape;
            // The rows of a head are the adapter's own classes.
            if (!(IsHead(target) ? found.Skip(1).SequenceEqual(shape.Skip(1)) && found.Count == shape.Count : found.SequenceEqual(shape)))
            {
                throw Fault(weights, target, $"has the shape {SafetensorsEntry.FormatShape(found)}, the base has {SafetensorsEntry.FormatShape(shape)}");
            }
        }
    }

    private static bool IsHead(string tensor) => tensor.Split('.') is [.., var module, _] && (s_usualHeads.Contains(module) || module == "out_proj");

    private static void Expect(AdapterWeights weights, string name, IReadOnlyList<long> shape)
    {
        if (!weights.Entry(name).Shape.SequenceEqual(shape))
        {
            throw Fault(weights, name, $"has the shape {weights.Entry(name).ShapeText}, the base asks for {SafetensorsEntry.FormatShape(shape)}");
        }
    }

    private static InputException Fault(AdapterWeights weights, string name, string how) =>
        new($"{weights.Name}: {InputException.Quote(name, 160)} {how}.", "adapter.tensor", weights.Name, InputException.Quote(name, 160), how);
}
