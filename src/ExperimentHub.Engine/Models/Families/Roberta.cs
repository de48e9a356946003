using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// RoBERTa and XLM-RoBERTa (Liu et al. 2019, Conneau et al. 2020) as Hugging Face computes them: BERT's layers, positions that are counted over the
/// tokens other than padding (by their ids, whatever the mask says) from the one after padding's.
/// </summary>
internal sealed class Roberta : LayeredEncoder
{
    private static readonly WordHeadNames s_words = new("dense", "layer_norm", "bias", "decoder");

    private readonly BertEmbeddings _embeddings;

    public Roberta(RobertaConfig config, ModelHead head)
        : base(config, head)
    {
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _embeddings = new(body.At("embeddings"), config, paddingPosition: config.PadTokenId);
        Layers = BertLayer.Stack(body.At("encoder.layer"), config);
        long width = config.HiddenSize;
        var top = Root.At("", HeadDepth).Optional();
        Top = head switch
        {
            ModelHead.SequenceClassification => new DenseHead(top.At("classifier"), "dense", "out_proj", width, Labels.Count, "tanh", config.HeadDropout, config.HeadDropout),
            ModelHead.TokenClassification => new TokenHead(top, "classifier", "id2label", width, Labels.Count, config.HeadDropout),
            ModelHead.QuestionAnswering => new TokenHead(top, "qa_outputs", "hidden_size", width, 2, 0),
            ModelHead.MaskedLanguageModel => new MaskedLanguageHead(new WordHead(top.At("lm_head"), config, WordEmbeddings, s_words, "gelu", config.LayerNormEpsilon)),
            _ => new BareHead(new Pooler(body.At("pooler.dense", config.Layers + 1).Optional(), width)),
        };
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["roberta"];

    public override IReadOnlyList<BertLayer> Layers { get; }

    public override Weight WordEmbeddings => _embeddings.Words.Weight;

    protected override EncoderHead Top { get; }

    public override bool Ignores(string name) => base.Ignores(name) || name.EndsWith("lm_head.decoder.bias", StringComparison.Ordinal);

    public override Tensor Words(Tensor ids) => _embeddings.Lookup(ids, Precision);

    public override Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var real = batch.Ids.ne(Config.PadTokenId).to(ScalarType.Int64);
        var positions = ((real.cumsum(1) + (batch.Prefix?.Length ?? 0)) * real) + Config.PadTokenId;
        return _embeddings.Forward(words, _embeddings.Positions.Forward(positions), batch.Types, dropout).MoveToOuterDisposeScope();
    }

    public override Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var real = batch.Ids.ne(Config.PadTokenId).to(ScalarType.Int64);
        var counted = real.cumsum(0);
        var starts = arange(batch.Ids.shape[0], device: batch.Ids.device) - batch.Positions;   // where each token's row begins
        var before = (counted - real).index_select(0, starts);
        var positions = ((counted - before) * real) + Config.PadTokenId;
        return _embeddings.Forward(words, _embeddings.Positions.Forward(positions), batch.Types, dropout).MoveToOuterDisposeScope();
    }
}
