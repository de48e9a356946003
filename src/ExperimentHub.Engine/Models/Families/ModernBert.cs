using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// ModernBERT (Warner et al. 2024) as Hugging Face computes it: pre-norm layers with rotary positions and gated feed-forward, most of which see a window
/// only; no biases as a rule. What the model reports as the last hidden state is behind the final normalisation.
/// </summary>
internal sealed class ModernBert : EncoderModel
{
    private readonly ModernBertConfig _config;
    private readonly Embedding _words;
    private readonly LayerNorm _norm;
    private readonly IReadOnlyList<Layer> _layers;
    private readonly LayerNorm _finalNorm;
    private readonly RotaryEmbedding _fullRotation;
    private readonly RotaryEmbedding _slidingRotation;

    public ModernBert(ModernBertConfig config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]).With(Initialisation.Normal(config.InitializerRange, config.InitializerCutoff));
        long width = config.HiddenSize;
        _words = new(body.At("embeddings.tok_embeddings"), config.VocabSize, width, "vocab_size", config.PadTokenId);
        _norm = new(body.At("embeddings.norm"), width, config.NormEpsilon, config.NormBias);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new Layer(body.At($"layers.{i}", i + 1), config, isFirst: i == 0))];
        _finalNorm = new(body.At("final_norm", config.Layers + 1), width, config.NormEpsilon, config.NormBias);
        _fullRotation = new(config.FullRotation, config.HeadSize);
        _slidingRotation = new(config.SlidingRotation, config.HeadSize);
        var top = Root.At("", HeadDepth).Optional().With(OutputInitial(config));
        Top = head switch
        {
            ModelHead.SequenceClassification => new ModernBertSequenceHead(top, config, Labels.Count),
            ModelHead.TokenClassification => new ModernBertTokenHead(top, config, "id2label", Labels.Count),
            ModelHead.QuestionAnswering => new ModernBertTokenHead(top, config, "hidden_size", 2),
            ModelHead.MaskedLanguageModel => new ModernBertWordHead(top, config, WordEmbeddings),
            _ => new BareHead(null),
        };
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["model"];

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
        var hidden = _norm.Forward(words);
        hidden = dropout?.Apply(hidden, _config.EmbeddingDropout) ?? hidden;
        var positions = arange(batch.Length, device: words.device);
        var (everywhere, near) = (_fullRotation.At(positions, batch.Length, Precision), _slidingRotation.At(positions, batch.Length, Precision));
        var all = AttentionMask.Padding(batch.Mask, Precision);
        var window = AttentionMask.Window(batch.Mask, batch.Length, _config.Window, causal: false, words.device, Precision);
        for (var i = 0; i < _layers.Count; i++)
        {
            trace?.AddHiddenState(hidden);
            hidden = _config.SlidingLayers[i] ? _layers[i].Forward(hidden, window, near, dropout, trace) : _layers[i].Forward(hidden, all, everywhere, dropout, trace);
        }

        hidden = _finalNorm.Forward(hidden);
        trace?.AddHiddenState(hidden);
        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>Matrices whose product joins the residual stream begin smaller, the more layers there are.</summary>
    private static Initialisation OutputInitial(ModernBertConfig config) =>
        Initialisation.Normal(config.InitializerRange / Math.Sqrt(2.0 * config.Layers), config.InitializerCutoff);

    private sealed class Layer
    {
        private readonly ModernBertConfig _config;
        private readonly Func<Tensor, Tensor> _activation;
        private readonly LayerNorm? _attentionNorm;   // the first layer's input is normalised already
        private readonly Linear _qkv;
        private readonly Linear _attentionOutput;
        private readonly LayerNorm _feedForwardNorm;
        private readonly Linear _up;                  // what is activated, and the gate
        private readonly Linear _down;

        public Layer(Place place, ModernBertConfig config, bool isFirst)
        {
            _config = config;
            _activation = Activation.Of(config.Activation);
            long width = config.HiddenSize;
            var output = OutputInitial(config);
            _attentionNorm = isFirst ? null : new(place.At("attn_norm"), width, config.NormEpsilon, config.NormBias);
            _qkv = new(place.At("attn.Wqkv"), 3 * width, width, bias: config.AttentionBias);
            _attentionOutput = new(place.At("attn.Wo").With(output), width, width, bias: config.AttentionBias);
            _feedForwardNorm = new(place.At("mlp_norm"), width, config.NormEpsilon, config.NormBias);
            _up = new(place.At("mlp.Wi"), 2L * config.IntermediateSize, width, "intermediate_size", config.FeedForwardBias);
            _down = new(place.At("mlp.Wo").With(output), width, config.IntermediateSize, "intermediate_size", config.FeedForwardBias);
        }

        public Tensor Forward(Tensor x, AttentionMask mask, RotaryTable rotation, Dropout? dropout, ForwardTrace? trace)
        {
            using var scope = NewDisposeScope();
            var qkv = _qkv.Forward(_attentionNorm?.Forward(x) ?? x).view(x.shape[0], x.shape[1], 3, _config.Heads, _config.HeadSize).permute(2, 0, 3, 1, 4);
            var probability = dropout is null ? 0 : _config.AttentionDropout;
            var mixed = _attentionOutput.Forward(Attention.Apply(rotation.Turn(qkv[0]), rotation.Turn(qkv[1]), qkv[2], mask, probability, trace: trace));
            var attended = x + (dropout?.Apply(mixed, _config.AttentionDropout) ?? mixed);
            var halves = _up.Forward(_feedForwardNorm.Forward(attended)).chunk(2, -1);
            var fed = _activation(halves[0]) * halves[1];
            return (attended + _down.Forward(dropout?.Apply(fed, _config.FeedForwardDropout) ?? fed)).MoveToOuterDisposeScope();
        }
    }
}
