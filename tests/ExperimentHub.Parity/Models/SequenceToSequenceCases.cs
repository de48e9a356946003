using System.Text.Json;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>A folder of an encoder-decoder: what leaves each layer of both stacks, the scores, the loss, and every gradient.</summary>
internal static class SequenceToSequenceCases
{
    public static void Run(string folder, string name, Tally tally)
    {
        using var reference = new ReferenceCase(folder);
        tally.Case($"{name}/outputs", () => InScope(reference, model => Outputs(reference, model)));
        tally.Case($"{name}/gradients", () => InScope(reference, model => Gradients(reference, model)));
        tally.Case($"{name}/saved", () => InScope(reference, model => SavedModel.Fault(model, reference.Model)));
    }

    /// <summary>The table of T5's buckets: each distance from <c>first</c> on, in both modes.</summary>
    public static string? Buckets(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var table in document.RootElement.EnumerateArray())
        {
            var (buckets, furthest) = (table.GetProperty("num_buckets").GetInt32(), table.GetProperty("max_distance").GetInt32());
            var (bidirectional, distance) = (table.GetProperty("bidirectional").GetBoolean(), table.GetProperty("first").GetInt64());
            foreach (var expected in table.GetProperty("buckets").EnumerateArray().Select(v => v.GetInt64()))
            {
                if (RelativePositions.Bucket(distance, bidirectional, buckets, furthest) is var actual && actual != expected)
                {
                    return $"the distance {distance} is in bucket {actual} of {buckets} instead of {expected} (bidirectional: {bidirectional})";
                }

                distance++;
            }
        }

        return null;
    }

    private static string? InScope(ReferenceCase reference, Func<EncoderDecoderModel, string?> run)
    {
        using var scope = NewDisposeScope();
        using var model = (EncoderDecoderModel)ModelLoader.Load(reference.Model);
        return run(model);
    }

    private static string? Outputs(ReferenceCase reference, EncoderDecoderModel model)
    {
        using var noGrad = no_grad();
        using var encoderTrace = new ForwardTrace(keepsAttentions: true);
        using var decoderTrace = new ForwardTrace(keepsAttentions: true);
        using var crossTrace = new ForwardTrace(keepsAttentions: true);
        var (ids, mask, labels) = (reference.Read("input.input_ids"), reference.Find("input.attention_mask"), reference.Read("input.labels"));
        var decoderIds = model.ShiftRight(labels);
        if (!decoderIds.Equals(reference.Read("derived.decoder_input_ids")))
        {
            return "the decoder reads other tokens";
        }

        var logits = model.Score(model.Decode(decoderIds, model.Encode(ids, mask, null, encoderTrace), mask, null, decoderTrace, crossTrace));
        return States("encoder_hidden_states", encoderTrace.HiddenStates, mask)
            ?? Attentions("encoder_attentions", encoderTrace, mask)
            ?? States("decoder_hidden_states", decoderTrace.HiddenStates, null)
            ?? Attentions("decoder_attentions", decoderTrace, null)
            ?? Attentions("cross_attentions", crossTrace, null)
            ?? reference.Tolerance.Fault("logits", reference.Read("output.logits"), logits)
            ?? reference.Tolerance.Fault("loss", reference.Facts.GetProperty("loss").GetDouble(), EncoderDecoderModel.Loss(logits, labels).item<float>());

        string? States(string name, IReadOnlyList<Tensor> states, Tensor? real) =>
            reference.Names($"output.{name}.").Count() != states.Count ? $"{states.Count} {name}"
                : states.Select((state, i) => reference.Tolerance.Fault($"{name}.{i}", reference.Read($"output.{name}.{i}"), state, real)).FirstOrDefault(f => f is not null);

        string? Attentions(string name, ForwardTrace trace, Tensor? real) => trace.Attentions
            .Select((actual, i) => reference.Find($"output.{name}.{i}") is { } expected ? reference.Tolerance.Fault($"{name}.{i}", expected.transpose(1, 2), actual.transpose(1, 2), real) : null)
            .FirstOrDefault(f => f is not null);
    }

    private static string? Gradients(ReferenceCase reference, EncoderDecoderModel model)
    {
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        var labels = reference.Read("input.labels");
        var logits = model.Forward(reference.Read("input.input_ids"), reference.Find("input.attention_mask"), model.ShiftRight(labels));
        EncoderDecoderModel.Loss(logits, labels).backward();
        return GradientCheck.Fault(reference, model, reference.Facts.GetProperty("gradient").GetProperty("norms"), "gradient.", reference.GradientTolerance);
    }
}
