using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>DistilBERT (Sanh et al. 2019) as Hugging Face computes it: BERT without segments and pooler. The epsilon of its normalisations is fixed.</summary>
internal sealed class DistilBert : EncoderModel
{
    private const double Epsilon = 1e-12;

    private static readonly WordHeadNames s_words = new("vocab_transform", "vocab_layer_norm", "vocab_projector.bias", "vocab_projector");

    private readonly DistilBertConfig _config;
    private readonly Embedding _words;
    private readonly Embedding _positions;
    private readonly LayerNorm _norm;
    private readonly IReadOnlyList<Layer> _layers;

    public DistilBert(DistilBertConfig config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        long width = config.HiddenSize;
        _words = new(body.At("embeddings.word_embeddings"), config.VocabSize, width, "vocab_size", config.PadTokenId);
        _positions = new(body.At("embeddings.position_embeddings"), config.MaxPositions, width, "max_position_embeddings");
        _norm = new(body.At("embeddings.LayerNorm"), width, Epsilon, setting: "dim");
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new Layer(body.At($"transformer.layer.{i}", i + 1), config))];
        var top = Root.At("", HeadDepth).Optional();
        Top = head switch
        {
            ModelHead.SequenceClassification => new DenseHead(top, "pre_classifier", "classifier", width, Labels.Count, "relu", 0, config.ClassifierDropout),
            ModelHead.TokenClassification => new TokenHead(top, "classifier", "id2label", width, Labels.Count, config.Dropout),
            ModelHead.QuestionAnswering => new TokenHead(top, "qa_outputs", "dim", width, 2, config.AnswerDropout),
            ModelHead.MaskedLanguageModel => new MaskedLanguageHead(new WordHead(top, config, WordEmbeddings, s_words, config.Activation, Epsilon)),
            _ => new BareHead(null),
        };
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["distilbert"];

    public override Weight WordEmbeddings => _words.Weight;

    protected override EncoderHead Top { get; }

    public override Tensor Words(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return _words.Forward(ids).to(Precision).MoveToOuterDisposeScope();
    }

    public override Tensor Encode(Tensor words, PaddedBatch batch, Dropout? dropout, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var hidden = _norm.Forward(words + _positions.Rows(0, batch.Length));
        hidden = dropout?.Apply(hidden, _config.Dropout) ?? hidden;
        var mask = AttentionMask.Padding(batch.Mask, Precision);
        trace?.AddHiddenState(hidden);
        foreach (var layer in _layers)
        {
            hidden = layer.Forward(hidden, mask, dropout, trace);
            trace?.AddHiddenState(hidden);
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>BERT's layer without dropout behind attention, under names of its own.</summary>
    private sealed class Layer
    {
        private readonly DistilBertConfig _config;
        private readonly Func<Tensor, Tensor> _activation;
        private readonly Linear _qkv;
        private readonly Linear _attentionOutput;
        private readonly LayerNorm _attentionNorm;
        private readonly Linear _up;
        private readonly Linear _down;
        private readonly LayerNorm _outputNorm;

        public Layer(Place place, DistilBertConfig config)
        {
            _config = config;
            _activation = Activation.Of(config.Activation);
            long width = config.HiddenSize;
            _qkv = new(place.At("attention"), width, "dim", true, ("q_lin", width), ("k_lin", width), ("v_lin", width));
            _attentionOutput = new(place.At("attention.out_lin"), width, width, "dim");
            _attentionNorm = new(place.At("sa_layer_norm"), width, Epsilon, setting: "dim");
            _up = new(place.At("ffn.lin1"), config.IntermediateSize, width, "hidden_dim");
            _down = new(place.At("ffn.lin2"), width, config.IntermediateSize, "hidden_dim");
            _outputNorm = new(place.At("output_layer_norm"), width, Epsilon, setting: "dim");
        }

        public Tensor Forward(Tensor x, AttentionMask mask, Dropout? dropout, ForwardTrace? trace)
        {
            using var scope = NewDisposeScope();
            var qkv = _qkv.Forward(x).view(x.shape[0], x.shape[1], 3, _config.Heads, _config.HeadSize).permute(2, 0, 3, 1, 4);   // (3, B, H, T, D)
            var mixed = Attention.Apply(qkv[0], qkv[1], qkv[2], mask, dropout is null ? 0 : _config.AttentionDropout, trace: trace);
            var attended = _attentionNorm.Forward(_attentionOutput.Forward(mixed) + x);
            var fed = _down.Forward(_activation(_up.Forward(attended)));
            return _outputNorm.Forward((dropout?.Apply(fed, _config.Dropout) ?? fed) + attended).MoveToOuterDisposeScope();
        }
    }
}
