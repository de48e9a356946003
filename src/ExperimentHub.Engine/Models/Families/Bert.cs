using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// BERT (Devlin et al. 2018) as Hugging Face computes it: three embeddings summed, post-norm layers with exact GELU, absolute positions,
/// a tanh pooler over the first token.
/// </summary>
internal sealed class Bert : LayeredEncoder
{
    private readonly BertEmbeddings _embeddings;

    public Bert(BertConfig config, ModelHead head)
        : base(config, head)
    {
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _embeddings = new(body.At("embeddings"), config);
        Layers = BertLayer.Stack(body.At("encoder.layer"), config);
        Top = BertHeads.Build(Root, body, config, head, _embeddings.Words.Weight);
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["bert"];

    public override IReadOnlyList<BertLayer> Layers { get; }

    public override Weight WordEmbeddings => _embeddings.Words.Weight;

    protected override EncoderHead Top { get; }

    public override bool Ignores(string name) => base.Ignores(name) || BertHeads.Doubles(name);

    public override Tensor Words(Tensor ids) => _embeddings.Lookup(ids, Precision);

    public override Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout) =>
        _embeddings.Forward(words, Places(_embeddings.Positions, batch), batch.Types, dropout);

    public override Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout) =>
        _embeddings.Forward(words, _embeddings.Positions.Forward(batch.Positions), batch.Types, dropout);
}
