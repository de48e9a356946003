using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>What a head is to say; which of these are there depends on the head.</summary>
internal sealed record HeadTargets
{
    /// <summary>Classes (B) int64, numbers (B) or (B, classes) float32, or classes of tokens (B, T) int64 where −100 is ignored.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>(B) int64: the first token of the answer; beyond the row: there is none.</summary>
    public Tensor? Starts { get; init; }

    /// <summary>(B) int64: the last token of the answer.</summary>
    public Tensor? Ends { get; init; }

    /// <summary>(B) int64: 1 where the second segment does not follow the first.</summary>
    public Tensor? NextSentence { get; init; }

    /// <summary>(B, T): 1 on real tokens.</summary>
    public Tensor? Mask { get; init; }
}

/// <summary>The loss of each head, as Hugging Face's models compute it: a mean over what is told.</summary>
internal static class HeadLoss
{
    private const long Ignored = -100;

    /// <summary>A number in 32 bits.</summary>
    public static Tensor Of(EncoderModel model, EncoderOutput output, HeadTargets targets)
    {
        using var scope = NewDisposeScope();
        var loss = model.Head switch
        {
            ModelHead.SequenceClassification => Classification(output.Logits!, targets.Labels!, model.Config.ProblemType),
            ModelHead.QuestionAnswering => Answer(output.Logits!, targets.Starts!, targets.Ends!),
            ModelHead.NextSentence => functional.cross_entropy(output.SentenceLogits!, targets.NextSentence!),
            ModelHead.Pretraining => Tokens(output.Logits!, targets.Labels!) + functional.cross_entropy(output.SentenceLogits!, targets.NextSentence!),
            ModelHead.ReplacedTokens => Replaced(output.Logits!, targets.Labels!, targets.Mask),
            _ => Tokens(output.Logits!, targets.Labels!),
        };
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Scores (B, classes) against classes (cross entropy), numbers (mean squared error) or a choice of classes (binary cross entropy).
    /// Without a <paramref name="problem"/> one score means numbers, and the labels' type tells the others apart.
    /// </summary>
    public static Tensor Classification(Tensor logits, Tensor labels, string? problem) =>
        (problem ?? (logits.shape[1] == 1 ? "regression" : labels.is_floating_point() ? "multi_label_classification" : "single_label_classification")) switch
        {
            "regression" => functional.mse_loss(logits.view(labels.shape), labels.to(ScalarType.Float32)),
            "multi_label_classification" => functional.binary_cross_entropy_with_logits(logits, labels.to(ScalarType.Float32)),
            _ => functional.cross_entropy(logits, labels),
        };

    /// <summary>Scores (B, T, classes) against classes (B, T).</summary>
    public static Tensor Tokens(Tensor logits, Tensor labels) =>
        functional.cross_entropy(logits.view(-1, logits.shape[^1]), labels.view(-1), ignore_index: Ignored);

    /// <summary>Scores (B, T, 2); a place beyond the row is not counted.</summary>
    private static Tensor Answer(Tensor logits, Tensor starts, Tensor ends)
    {
        var length = logits.shape[1];
        return (Place(0, starts) + Place(1, ends)) / 2;

        Tensor Place(long which, Tensor places) => functional.cross_entropy(logits.select(-1, which), places.clamp(0, length), ignore_index: length);
    }

    /// <summary>Scores (B, T) against 0 and 1, on real tokens.</summary>
    private static Tensor Replaced(Tensor logits, Tensor labels, Tensor? mask)
    {
        if (mask is null)
        {
            return functional.binary_cross_entropy_with_logits(logits, labels.to(ScalarType.Float32));
        }

        var real = mask.eq(1);
        return functional.binary_cross_entropy_with_logits(logits.masked_select(real), labels.masked_select(real).to(ScalarType.Float32));
    }
}
