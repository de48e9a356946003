using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>ELECTRA (Clark et al. 2020) as Hugging Face computes it: BERT's layers behind embeddings that may be narrower, no pooler; discriminator or generator by its head.</summary>
internal sealed class Electra : LayeredEncoder
{
    private static readonly WordHeadNames s_words = new("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias", "generator_lm_head");

    private readonly BertEmbeddings _embeddings;
    private readonly Linear? _projection;

    public Electra(ElectraConfig config, ModelHead head)
        : base(config, head)
    {
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _embeddings = new(body.At("embeddings"), config, config.EmbeddingSize);
        _projection = config.EmbeddingSize == config.HiddenSize ? null : new(body.At("embeddings_project"), config.HiddenSize, config.EmbeddingSize);
        Layers = BertLayer.Stack(body.At("encoder.layer"), config);
        long width = config.HiddenSize;
        var top = Root.At("", HeadDepth).Optional();
        Top = head switch
        {
            ModelHead.SequenceClassification => new DenseHead(top.At("classifier"), "dense", "out_proj", width, Labels.Count, "gelu", config.HeadDropout, config.HeadDropout),
            ModelHead.TokenClassification => new TokenHead(top, "classifier", "id2label", width, Labels.Count, config.HeadDropout),
            ModelHead.QuestionAnswering => new TokenHead(top, "qa_outputs", "hidden_size", width, 2, 0),
            ModelHead.MaskedLanguageModel => new MaskedLanguageHead(new WordHead(top, config, WordEmbeddings, s_words, "gelu", config.LayerNormEpsilon)),
            ModelHead.ReplacedTokens => new ReplacedTokenHead(top.At("discriminator_predictions"), width, config.Activation),
            _ => new BareHead(null),
        };
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["electra"];

    public override IReadOnlyList<BertLayer> Layers { get; }

    public override Weight WordEmbeddings => _embeddings.Words.Weight;

    protected override EncoderHead Top { get; }

    public override Tensor Words(Tensor ids) => _embeddings.Lookup(ids, Precision);

    public override Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout) =>
        Project(_embeddings.Forward(words, Places(_embeddings.Positions, batch), batch.Types, dropout));

    public override Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout) =>
        Project(_embeddings.Forward(words, _embeddings.Positions.Forward(batch.Positions), batch.Types, dropout));

    private Tensor Project(Tensor embedded) => _projection?.Forward(embedded) ?? embedded;
}
