using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>The heads of BERT, which ERNIE has under the same names. The pooler belongs to the body and is there only for those who read it.</summary>
internal static class BertHeads
{
    private static readonly WordHeadNames s_words = new("predictions.transform.dense", "predictions.transform.LayerNorm", "predictions.bias", "predictions.decoder");

    public static EncoderHead Build(Place root, Place body, EncoderConfig config, ModelHead head, Weight words)
    {
        long width = config.HiddenSize;
        var top = root.At("", config.Layers + 2).Optional();
        switch (head)
        {
            case ModelHead.SequenceClassification:
                return new PooledHead(Pooler(), top, width, config.Labels!.Count, config.HeadDropout);
            case ModelHead.TokenClassification:
                return new TokenHead(top, "classifier", "id2label", width, config.Labels!.Count, config.HeadDropout);
            case ModelHead.QuestionAnswering:
                return new TokenHead(top, "qa_outputs", "hidden_size", width, 2, 0);
            case ModelHead.MaskedLanguageModel:
                return new MaskedLanguageHead(WordHead());
            case ModelHead.NextSentence:
                return new SentenceHead(Pooler(), top, "cls.seq_relationship", width, null);
            case ModelHead.Pretraining:
                var pooler = Pooler();
                return new SentenceHead(pooler, top, "cls.seq_relationship", width, WordHead());
            default:
                return new BareHead(Pooler());
        }

        Pooler Pooler() => new(body.At("pooler.dense", config.Layers + 1).Optional(), width);

        WordHead WordHead() => new(top.At("cls"), config, words, s_words, config.Activation, config.LayerNormEpsilon);
    }

    /// <summary>The decoder's bias is <c>predictions.bias</c> again.</summary>
    public static bool Doubles(string name) => name.EndsWith("predictions.decoder.bias", StringComparison.Ordinal);
}
