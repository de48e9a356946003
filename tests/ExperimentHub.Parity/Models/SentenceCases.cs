using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Sentences;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>A folder of sentence-transformers: tokens, vectors of texts, and their cosines.</summary>
internal static class SentenceCases
{
    public static void Run(string folder, string name, Tally tally)
    {
        using var reference = new ReferenceCase(folder);
        tally.Case($"{name}/tokens", () => Tokens(reference));
        tally.Case($"{name}/embeddings", () => Embeddings(reference));
    }

    private static string? Tokens(ReferenceCase reference)
    {
        using var scope = NewDisposeScope();
        using var encoder = SentenceEncoder.Load(reference.Model);
        if (encoder.MaxLength != reference.Facts.GetProperty("max_seq_length").GetInt32())
        {
            return $"texts are cut at {encoder.MaxLength} tokens";
        }

        var ids = reference.Read("input.input_ids");
        var texts = Texts(reference);
        for (var row = 0; row < texts.Count; row++)
        {
            var actual = encoder.Tokenizer.Encode(texts[row], null, encoder.MaxLength).Ids.Select(i => (long)i);
            var expected = ids[row].masked_select(reference.Read("input.attention_mask")[row].eq(1)).data<long>().ToArray();
            if (!actual.SequenceEqual(expected))
            {
                return $"text {row} has other tokens";
            }
        }

        return null;
    }

    private static string? Embeddings(ReferenceCase reference)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var encoder = SentenceEncoder.Load(reference.Model);
        using var model = (EncoderModel)ModelLoader.Load(reference.Model, ModelHead.None);
        var batch = new PaddedBatch { Ids = reference.Read("input.input_ids"), Types = reference.Find("input.token_type_ids"), Mask = reference.Find("input.attention_mask") };
        var texts = encoder.Encode(Texts(reference));
        var vectors = tensor(texts.SelectMany(v => v).ToArray()).view(texts.Length, -1);
        var unit = nn.functional.normalize(vectors, dim: 1);
        return reference.Tolerance.Fault("token_embeddings", reference.Read("output.token_embeddings"), model.Run(batch).Hidden, batch.Mask)
            ?? reference.Tolerance.Fault("sentence_embeddings", reference.Read("output.sentence_embeddings"), encoder.Encode(batch))
            ?? reference.Tolerance.Fault("sentence_embeddings of the texts", reference.Read("output.sentence_embeddings"), vectors)
            ?? reference.Tolerance.Fault("cosine_similarities", reference.Read("output.cosine_similarities"), unit.matmul(unit.t()));
    }

    private static List<string> Texts(ReferenceCase reference) => [.. reference.Facts.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
}
