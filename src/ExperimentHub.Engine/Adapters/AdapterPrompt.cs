using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Prompt tuning and P-tuning on an encoder: the adapter's vectors stand before the word vectors of each row, are attended to, are of the
/// first segment, and take the first places. A pooler therefore reads the first of them. (PEFT's <c>PeftModelForSequenceClassification</c>.)
/// </summary>
internal static class AdapterPrompt
{
    /// <summary>Class scores (B, classes) of a batch, behind the prompt of <paramref name="adapter"/>.</summary>
    public static Tensor Classify(EncoderModel model, Adapter adapter, PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var prompt = TensorBytes.ToTensor(adapter.Weights.Entry(AdapterWeights.Prompt), adapter.Weights.Bytes(AdapterWeights.Prompt)).to(ScalarType.Float32).narrow(0, 0, adapter.Config.VirtualTokens);
        var (rows, count) = (batch.Rows, prompt.shape[0]);
        var words = model.Words(batch.Ids);                                             // (B, T, C)
        var longer = cat([prompt.to(words.dtype).unsqueeze(0).expand(rows, -1, -1), words], 1);   // (B, n + T, C)
        Tensor Before(Tensor tokens, long value) => cat([full([rows, count], value, ScalarType.Int64), tokens], 1);
        var extended = new PaddedBatch
        {
            Ids = Before(batch.Ids, model.Config.PadTokenId),
            Types = batch.Types is { } types ? Before(types, 0) : null,
            Mask = batch.Mask is { } mask ? Before(mask, 1) : null,
        };
        return model.Forward(longer, extended, null).MoveToOuterDisposeScope();
    }
}
