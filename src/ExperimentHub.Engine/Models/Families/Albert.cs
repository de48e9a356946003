using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// ALBERT (Lan et al. 2020) as Hugging Face computes it: narrow embeddings behind a linear layer, and layers that share their weights by groups. All
/// groups count as the last layer when a number of upper layers is to learn.
/// </summary>
internal sealed class Albert : EncoderModel
{
    private static readonly WordHeadNames s_words = new("dense", "LayerNorm", "bias", "decoder");

    private readonly AlbertConfig _config;
    private readonly BertEmbeddings _embeddings;
    private readonly Linear _projection;
    private readonly IReadOnlyList<IReadOnlyList<Layer>> _groups;

    public Albert(AlbertConfig config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        long width = config.HiddenSize;
        _embeddings = new(body.At("embeddings"), config, config.EmbeddingSize);
        _projection = new(body.At("encoder.embedding_hidden_mapping_in"), width, config.EmbeddingSize);
        _groups =
        [
            .. Enumerable.Range(0, config.Groups).Select(g => (IReadOnlyList<Layer>)
                [.. Enumerable.Range(0, config.InnerLayers).Select(i => new Layer(body.At($"encoder.albert_layer_groups.{g}.albert_layers.{i}", config.Layers), config))]),
        ];
        var top = Root.At("", HeadDepth).Optional();
        Top = head switch
        {
            ModelHead.SequenceClassification => new PooledHead(Pooler(), top, width, Labels.Count, config.HeadDropout),
            ModelHead.TokenClassification => new TokenHead(top, "classifier", "id2label", width, Labels.Count, config.HeadDropout),
            ModelHead.QuestionAnswering => new TokenHead(top, "qa_outputs", "hidden_size", width, 2, 0),
            ModelHead.MaskedLanguageModel => new MaskedLanguageHead(new WordHead(top.At("predictions"), config, WordEmbeddings, s_words, config.Activation, config.LayerNormEpsilon)),
            _ => new BareHead(Pooler()),
        };

        Pooler Pooler() => new(body.At("pooler", config.Layers + 1).Optional(), width);
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["albert"];

    public override Weight WordEmbeddings => _embeddings.Words.Weight;

    protected override EncoderHead Top { get; }

    public override bool Ignores(string name) => base.Ignores(name) || name.EndsWith("predictions.decoder.bias", StringComparison.Ordinal);

    public override Tensor Words(Tensor ids) => _embeddings.Lookup(ids, Precision);

    public override Tensor Encode(Tensor words, PaddedBatch batch, Dropout? dropout, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var hidden = _projection.Forward(_embeddings.Forward(words, _embeddings.Positions.Rows(0, batch.Length), batch.Types, dropout));
        var mask = AttentionMask.Padding(batch.Mask, Precision);
        trace?.AddHiddenState(hidden);
        for (var i = 0; i < _config.Layers; i++)
        {
            foreach (var layer in _groups[(int)((long)i * _config.Groups / _config.Layers)])
            {
                hidden = layer.Forward(hidden, mask, dropout, trace);
                trace?.AddHiddenState(hidden);
            }
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>BERT's layer without dropout in its feed-forward, under names of its own.</summary>
    private sealed class Layer
    {
        private readonly AlbertConfig _config;
        private readonly Func<Tensor, Tensor> _activation;
        private readonly LayerNorm _outputNorm;
        private readonly Linear _qkv;
        private readonly Linear _attentionOutput;
        private readonly LayerNorm _attentionNorm;
        private readonly Linear _up;
        private readonly Linear _down;

        public Layer(Place place, AlbertConfig config)
        {
            _config = config;
            _activation = Activation.Of(config.Activation);
            long width = config.HiddenSize;
            _outputNorm = new(place.At("full_layer_layer_norm"), width, config.LayerNormEpsilon);
            _qkv = new(place.At("attention"), width, "hidden_size", true, ("query", width), ("key", width), ("value", width));
            _attentionOutput = new(place.At("attention.dense"), width, width);
            _attentionNorm = new(place.At("attention.LayerNorm"), width, config.LayerNormEpsilon);
            _up = new(place.At("ffn"), config.IntermediateSize, width, "intermediate_size");
            _down = new(place.At("ffn_output"), width, config.IntermediateSize, "intermediate_size");
        }

        public Tensor Forward(Tensor x, AttentionMask mask, Dropout? dropout, ForwardTrace? trace)
        {
            using var scope = NewDisposeScope();
            var qkv = _qkv.Forward(x).view(x.shape[0], x.shape[1], 3, _config.Heads, _config.HeadSize).permute(2, 0, 3, 1, 4);   // (3, B, H, T, D)
            var mixed = _attentionOutput.Forward(Attention.Apply(qkv[0], qkv[1], qkv[2], mask, dropout is null ? 0 : _config.AttentionDropout, trace: trace));
            var attended = _attentionNorm.Forward(x + (dropout?.Apply(mixed, _config.HiddenDropout) ?? mixed));
            return _outputNorm.Forward(_down.Forward(_activation(_up.Forward(attended))) + attended).MoveToOuterDisposeScope();
        }
    }
}
