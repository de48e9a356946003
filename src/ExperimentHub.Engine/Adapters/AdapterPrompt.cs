using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Prompt tuning and P-tuning: the adapter's vectors stand before the word vectors of each row, are attended to, are of the first segment,
/// and take the first places. A pooler therefore reads the first of them (PEFT's <c>PeftModelForSequenceClassification</c>). Prefix tuning
/// of a decoder: keys and values that each layer has read before the first token, whose place is the one after them.
/// </summary>
internal static class AdapterPrompt
{
    /// <summary>Class scores (B, classes) of a batch, behind the prompt of <paramref name="adapter"/>.</summary>
    public static Tensor Classify(EncoderModel model, Adapter adapter, PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var prompt = Vectors(adapter);
        var longer = Join(prompt, model.Words(batch.Ids));
        var extended = new PaddedBatch
        {
            Ids = Before(prompt, batch.Ids, model.Config.PadTokenId),
            Types = batch.Types is { } types ? Before(prompt, types, 0) : null,
            Mask = batch.Mask is { } mask ? Before(prompt, mask, 1) : null,
        };
        return model.Forward(longer, extended, null).MoveToOuterDisposeScope();
    }

    /// <summary>Scores (B, n + T, V) of the words that follow each of the n vectors and of the T tokens of a batch.</summary>
    public static Tensor Score(DecoderModel model, Adapter adapter, DecoderBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var prompt = Vectors(adapter);
        var extended = new DecoderBatch { Ids = Before(prompt, batch.Ids, 0), Mask = batch.Mask is { } mask ? Before(prompt, mask, 1) : null };
        return model.Run(Join(prompt, model.Words(batch.Ids)), extended).Logits!.MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states (B, n + S, C) of an encoder behind the vectors, and the mask that goes with them; PEFT gives the decoder none.</summary>
    public static (Tensor Hidden, Tensor? Mask) Encode(EncoderDecoderModel model, Adapter adapter, Tensor ids, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var prompt = Vectors(adapter);
        var longer = mask is null ? null : Before(prompt, mask, 1);
        var hidden = model.EncodeWords(Join(prompt, model.Words(ids)), longer);
        return (hidden.MoveToOuterDisposeScope(), longer?.MoveToOuterDisposeScope());
    }

    /// <summary>Scores (B, T, V) behind a prefix: its slices 2l and 2l + 1 are keys and values of layer l, neither turned nor normalised.</summary>
    public static Tensor ScoreBehindPrefix(DecoderModel model, Adapter adapter, DecoderBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var prefix = Vectors(adapter);                                                   // (n, L · 2 · K · D)
        var (count, layers, size) = (prefix.shape[0], model.Config.Layers, model.Config.HeadSize);
        var slices = prefix.view(count, 2 * layers, -1, size).permute(1, 2, 0, 3).to(model.Precision);   // (2L, K, n, D)
        using var cache = new KeyValueCache(layers);
        for (var layer = 0; layer < layers; layer++)
        {
            Tensor OfAllRows(Tensor slice) => slice.unsqueeze(0).expand(batch.Rows, -1, -1, -1);
            cache.Append(layer, OfAllRows(slices[2 * layer]), OfAllRows(slices[(2 * layer) + 1]));
        }

        cache.Advance(count);
        return model.ContinueEach(batch with { Mask = batch.Mask is { } mask ? Before(prefix, mask, 1) : null }, cache).MoveToOuterDisposeScope();
    }

    /// <summary>(n, …): the adapter's own vectors.</summary>
    private static Tensor Vectors(Adapter adapter) =>
        TensorBytes.ToTensor(adapter.Weights.Entry(AdapterWeights.Prompt), adapter.Weights.Bytes(AdapterWeights.Prompt)).to(ScalarType.Float32).narrow(0, 0, adapter.Config.VirtualTokens);

    /// <summary>(B, n + T, C)</summary>
    private static Tensor Join(Tensor prompt, Tensor words) => cat([prompt.to(words.dtype).unsqueeze(0).expand(words.shape[0], -1, -1), words], 1);

    /// <summary>Tokens (B, T) with a value before them for each vector of the prompt.</summary>
    private static Tensor Before(Tensor prompt, Tensor tokens, long value) => cat([full([tokens.shape[0], prompt.shape[0]], value, ScalarType.Int64), tokens], 1);
}
