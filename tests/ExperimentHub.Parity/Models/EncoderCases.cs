using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>A folder of an encoder: what leaves each layer and the head, the loss, and every gradient.</summary>
internal static class EncoderCases
{
    public static void Run(string folder, string name, Tally tally)
    {
        using var reference = new ReferenceCase(folder);
        tally.Case($"{name}/outputs", () => InScope(reference, model => Outputs(reference, model)));
        if (reference.Names("ids_only.").Any())
        {
            tally.Case($"{name}/ids_only", () => InScope(reference, model => IdsOnly(reference, model)));
        }

        if (reference.Facts.TryGetProperty("gradient", out _))
        {
            tally.Case($"{name}/gradients", () => InScope(reference, model => Gradients(reference, model)));
        }

        tally.Case($"{name}/saved", () => InScope(reference, model => SavedModel.Fault(model, reference.Model)));
    }

    private static string? InScope(ReferenceCase reference, Func<EncoderModel, string?> run)
    {
        using var scope = NewDisposeScope();
        var head = ModelFamily.Of(ModelConfig.Read(reference.Model)).HeadOf(reference.Facts.GetProperty("class").GetString()!);
        using var model = (EncoderModel)ModelLoader.Load(reference.Model, head);
        return run(model);
    }

    private static string? Outputs(ReferenceCase reference, EncoderModel model)
    {
        using var noGrad = no_grad();
        using var trace = new ForwardTrace(keepsAttentions: true);
        using var batch = Batch(reference);
        var output = model.Run(batch, null, trace);
        var expectedStates = reference.Names("output.hidden_states.").Count();
        return expectedStates != trace.HiddenStates.Count ? $"{trace.HiddenStates.Count} hidden states instead of {expectedStates}"
            : Traced(reference, trace, batch.Mask) ?? Named(reference, model.Head, output, "output.", batch.Mask) ?? LossFault(reference, model, output);
    }

    private static string? Traced(ReferenceCase reference, ForwardTrace trace, Tensor? mask)
    {
        var tolerance = reference.Tolerance;
        for (var i = 0; i < trace.HiddenStates.Count; i++)
        {
            if (tolerance.Fault($"hidden_states.{i}", reference.Read($"output.hidden_states.{i}"), trace.HiddenStates[i], mask) is { } fault)
            {
                return fault;
            }

            if (reference.Find($"output.attentions.{i}") is { } attentions
                && tolerance.Fault($"attentions.{i}", attentions.transpose(1, 2), trace.Attentions[i].transpose(1, 2), mask) is { } other)
            {
                return other;
            }
        }

        return null;
    }

    /// <summary>Compares all outputs of the reference that begin with <paramref name="prefix"/>, by their names in transformers.</summary>
    private static string? Named(ReferenceCase reference, ModelHead head, EncoderOutput output, string prefix, Tensor? mask)
    {
        var compared = new Dictionary<string, Tensor?>
        {
            ["last_hidden_state"] = output.Hidden,
            ["pooler_output"] = output.Pooled,
            [head == ModelHead.Pretraining ? "prediction_logits" : head == ModelHead.NextSentence ? "unused" : "logits"] = head == ModelHead.QuestionAnswering ? null : output.Logits,
            [head == ModelHead.NextSentence ? "logits" : "seq_relationship_logits"] = output.SentenceLogits,
            ["start_logits"] = head == ModelHead.QuestionAnswering ? output.Logits!.select(-1, 0) : null,
            ["end_logits"] = head == ModelHead.QuestionAnswering ? output.Logits!.select(-1, 1) : null,
        };
        foreach (var (name, actual) in compared)
        {
            if (reference.Find(prefix + name) is not { } expected)
            {
                continue;
            }

            var perToken = expected.dim() > 1 && output.Hidden.shape[1] == expected.shape[1] && name is "last_hidden_state" or "start_logits" or "end_logits" or "prediction_logits"
                || (name == "logits" && head is ModelHead.MaskedLanguageModel or ModelHead.TokenClassification or ModelHead.ReplacedTokens);
            var fault = actual is null ? $"{name} is not computed" : reference.Tolerance.Fault(name, expected, actual, perToken ? mask : null);
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? LossFault(ReferenceCase reference, EncoderModel model, EncoderOutput output) =>
        Loss(reference, model, output) is { } loss ? reference.Tolerance.Fault("loss", reference.Facts.GetProperty("loss").GetDouble(), loss.item<float>()) : null;

    private static string? IdsOnly(ReferenceCase reference, EncoderModel model)
    {
        using var noGrad = no_grad();
        using var batch = new PaddedBatch { Ids = reference.Read("input.input_ids") };
        return Named(reference, model.Head, model.Run(batch), "ids_only.output.", null);
    }

    private static string? Gradients(ReferenceCase reference, EncoderModel model)
    {
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        using var batch = Batch(reference);
        Loss(reference, model, model.Run(batch))!.backward();
        return GradientCheck.Fault(reference, model, reference.Facts.GetProperty("gradient").GetProperty("norms"), "gradient.", reference.GradientTolerance);
    }

    private static PaddedBatch Batch(ReferenceCase reference) => new()
    {
        Ids = reference.Read("input.input_ids"),
        Types = reference.Find("input.token_type_ids"),
        TaskTypes = reference.Find("input.task_type_ids"),
        Mask = reference.Find("input.attention_mask"),
    };

    private static Tensor? Loss(ReferenceCase reference, EncoderModel model, EncoderOutput output)
    {
        if (!reference.Has("output.loss"))
        {
            return null;
        }

        if (model.Head == ModelHead.None)
        {
            var loss = (output.Hidden * reference.Read("loss_weight.last_hidden_state")).sum();
            return reference.Find("loss_weight.pooler_output") is { } weight ? loss + (output.Pooled! * weight).sum() : loss;
        }

        return HeadLoss.Of(model, output, new HeadTargets
        {
            Labels = reference.Find("input.labels"),
            Starts = reference.Find("input.start_positions"),
            Ends = reference.Find("input.end_positions"),
            NextSentence = reference.Find("input.next_sentence_label"),
            Mask = reference.Find("input.attention_mask"),
        });
    }
}
