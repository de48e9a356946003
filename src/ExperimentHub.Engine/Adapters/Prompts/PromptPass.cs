using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Families;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Prompts;

/// <summary>
/// Prompt tuning and P-tuning: n vectors stand before the word vectors of each row, are attended to, are of the first segment, and take the
/// first places. A pooler therefore reads the first of them, and a decoder's classifier the last place of each row, padding or not: what
/// transformers does where it is given vectors and no tokens. Prefix tuning: keys and values that each layer has read before the first token, whose
/// place is the one after them. (PEFT's <c>PeftModel…</c> classes, one for each task.)
/// </summary>
internal static class PromptPass
{
    public static EncoderOutput Run(EncoderModel model, Tensor prompt, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(model.Device, model.Config.PadTokenId);
        var longer = new PaddedBatch
        {
            Ids = NoTokens(prompt, batch.Ids, model.Config.PadTokenId),
            Types = batch.Types is { } types ? Before(prompt, types, 0) : null,
            Mask = batch.Mask is { } mask ? Before(prompt, mask, 1) : null,
            TaskTypes = batch.TaskTypes is { } tasks ? Before(prompt, tasks, 0) : null,
        };
        return model.Run(Join(prompt, model.Words(batch.Ids)), longer, dropout).MoveToOuterDisposeScope();
    }

    /// <summary>Scores (B, n + T, V) of the words that follow each of the vectors and of the tokens, or those of a classifier.</summary>
    public static DecoderOutput Run(DecoderModel model, Tensor prompt, DecoderBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(model.Device);
        var longer = new DecoderBatch { Ids = NoTokens(prompt, batch.Ids, model.Config.PadTokenId), Mask = batch.Mask is { } mask ? Before(prompt, mask, 1) : null };
        return model.Run(Join(prompt, model.Words(batch.Ids)), longer, dropout).MoveToOuterDisposeScope();
    }

    /// <summary>Scores (B, T, V): the encoder reads the vectors; PEFT gives the decoder none.</summary>
    public static Tensor Run(EncoderDecoderModel model, Tensor prompt, Tensor ids, Tensor? mask, Tensor decoderIds, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var longer = mask is null ? null : Before(prompt, mask, 1);
        var encoded = model.EncodeWords(Join(prompt, model.Words(ids)), longer, dropout);
        return model.Score(model.Decode(decoderIds, encoded, longer, dropout)).MoveToOuterDisposeScope();
    }

    public static EncoderOutput RunBehind(LayeredEncoder model, Tensor vectors, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var prefixed = new PaddedBatch { Ids = batch.Ids, Types = batch.Types, Mask = batch.Mask, TaskTypes = batch.TaskTypes, Prefix = PrefixOf(model, vectors, model.Config.Layers, 2) };
        return model.Run(prefixed, dropout).MoveToOuterDisposeScope();
    }

    public static DecoderOutput RunBehind(DecoderModel model, Tensor vectors, DecoderBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(model.Device);
        var prefixed = batch with { Mask = batch.Mask is { } mask ? Before(vectors, mask, 1) : null };
        return model.Run(model.Words(batch.Ids), prefixed, dropout, prefix: PrefixOf(model, vectors, model.Config.Layers, 2)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Scores (B, T, V): only the decoder's attention to its own tokens reads the prefix. PEFT takes the table of all layers twice and gives each
    /// layer four slices of it, the first two of which are read.
    /// </summary>
    public static Tensor RunBehind(EncoderDecoderModel model, Tensor vectors, Tensor ids, Tensor? mask, Tensor decoderIds, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        using var cache = new TargetCache(model.Config.DecoderLayers, PrefixOf(model, vectors, model.Config.DecoderLayers, 4));
        return model.Score(model.Decode(decoderIds, model.Encode(ids, mask, dropout), mask, dropout, cache: cache)).MoveToOuterDisposeScope();
    }

    /// <summary>Labels (B, T) of tokens with −100 before them for each of n vectors.</summary>
    public static Tensor Labels(long count, Tensor labels)
    {
        const long Ignored = -100;
        using var scope = NewDisposeScope();
        return cat([full([labels.shape[0], count], Ignored, ScalarType.Int64, labels.device), labels], 1).MoveToOuterDisposeScope();
    }

    /// <summary>How many heads of which size a layer's keys and values have.</summary>
    public static (long Heads, long Size) KeyHeads(PretrainedModel model) => model.Config switch
    {
        RotaryDecoderConfig config => (config.KeyValueHeads, config.HeadSize),
        BartConfig config => (config.DecoderHeads, config.HiddenSize / config.DecoderHeads),
        var config => (config.Heads, config.HeadSize),
    };

    /// <summary>The vectors (n, L · 2 · K · D) as keys and values, neither turned nor normalised: layer l reads the slices <paramref name="stride"/> · l and the one after it.</summary>
    private static Prefix PrefixOf(PretrainedModel model, Tensor vectors, int layers, int stride)
    {
        var (heads, size) = KeyHeads(model);
        var slices = vectors.view(vectors.shape[0], -1, heads, size).permute(1, 2, 0, 3).to(model.Precision);   // (2L, K, n, D)
        return new Prefix([.. Enumerable.Range(0, layers).Select(l => (slices[stride * l % slices.shape[0]], slices[((stride * l) + 1) % slices.shape[0]]))]);
    }

    /// <summary>(B, n + T, C)</summary>
    private static Tensor Join(Tensor prompt, Tensor words) => cat([prompt.to(words.dtype).unsqueeze(0).expand(words.shape[0], -1, -1), words], 1);

    /// <summary>Ids (B, n + T) of which none is padding's, for models that ask which are.</summary>
    private static Tensor NoTokens(Tensor prompt, Tensor ids, long padding) => full([ids.shape[0], prompt.shape[0] + ids.shape[1]], padding == 0 ? 1L : 0L, ScalarType.Int64, ids.device);

    /// <summary>Numbers (B, T) with a value before them for each vector of the prompt.</summary>
    private static Tensor Before(Tensor prompt, Tensor tokens, long value) => cat([full([tokens.shape[0], prompt.shape[0]], value, tokens.dtype, tokens.device), tokens], 1);
}
