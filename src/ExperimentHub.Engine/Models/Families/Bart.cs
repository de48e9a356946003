using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// BART (Lewis et al. 2020) as Hugging Face computes it: post-norm stacks over learned positions, which begin at the table's third row and count padding. A
/// bias of the words is saved with the model and never learned.
/// </summary>
internal sealed class Bart : EncoderDecoderModel
{
    private const double Epsilon = 1e-5;
    private const int PositionOffset = 2;

    private readonly BartConfig _config;
    private readonly Embedding _words;
    private readonly BartStack _encoder;
    private readonly BartStack _decoder;
    private readonly WeightProduct _output;
    private readonly Weight? _outputBias;

    public Bart(BartConfig config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        long width = config.HiddenSize;
        _words = new(body.At("shared"), config.VocabSize, width, "vocab_size", config.PadTokenId);
        _encoder = new(body.At("encoder"), config, isDecoder: false);
        _decoder = new(body.At("decoder"), config, isDecoder: true);
        var output = _words.Weight;
        if (head == ModelHead.ConditionalGeneration)
        {
            var depth = config.Layers + config.DecoderLayers + 2;
            _outputBias = Root.Add(new Weight(depth, Initialisation.Zero, [config.VocabSize], "vocab_size", new WeightPart("final_logits_bias", 1)) { IsBuffer = true });
            output = Root.Add(new Weight(depth, Root.Initial, [width], "vocab_size", new WeightPart("lm_head.weight", config.VocabSize))
            {
                MayTieTo = config.TiesWordEmbeddings ? _words.Weight : null,
            });
        }

        _output = new(output);
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["model"];

    public override Weight WordEmbeddings => _words.Weight;

    /// <summary>Copies of the word embeddings.</summary>
    public override bool Ignores(string name) => name.EndsWith("coder.embed_tokens.weight", StringComparison.Ordinal);

    public override Tensor Words(Tensor ids) => Lookup(ids);

    public override Tensor EncodeWords(Tensor words, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        return _encoder.Forward(words, AttentionMask.Padding(mask, Precision), null, null, dropout, trace, null).MoveToOuterDisposeScope();
    }

    public override int MaxTargetLength => _config.MaxPositions;

    public override Tensor Decode(
        Tensor ids, Tensor encoded, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null, ForwardTrace? crossTrace = null, TargetCache? cache = null)
    {
        using var scope = NewDisposeScope();
        var seen = DecoderMask.Build(new DecoderBatch { Ids = ids }, cache?.Length ?? 0, null, Precision);
        var hidden = _decoder.Forward(Lookup(ids), seen, encoded, AttentionMask.Padding(mask, Precision), dropout, trace, crossTrace, cache);
        cache?.Target.Advance(ids.shape[1]);
        return hidden.MoveToOuterDisposeScope();
    }

    public override Tensor Score(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var logits = _output.Of(hidden);
        return (_outputBias is null ? logits : logits + _outputBias.Value).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private Tensor Lookup(Tensor ids)
    {
        var words = _words.Forward(ids).to(Precision);
        return _config.ScalesEmbeddings ? words * Math.Sqrt(_config.HiddenSize) : words;
    }

    private sealed class BartStack
    {
        private readonly BartConfig _config;
        private readonly Embedding _positions;
        private readonly IReadOnlyList<BartLayer> _layers;
        private readonly LayerNorm _norm;

        public BartStack(Place place, BartConfig config, bool isDecoder)
        {
            _config = config;
            _positions = new(place.At("embed_positions"), config.MaxPositions + PositionOffset, config.HiddenSize, "max_position_embeddings");
            var (first, count) = isDecoder ? (config.Layers + 1, config.DecoderLayers) : (1, config.Layers);
            _layers = [.. Enumerable.Range(0, count).Select(i => new BartLayer(place.At($"layers.{i}", first + i), config, i, isDecoder))];
            _norm = new(place.At("layernorm_embedding"), config.HiddenSize, Epsilon, setting: "d_model");
        }

        public Tensor Forward(Tensor words, AttentionMask seen, Tensor? encoded, AttentionMask? source, Dropout? dropout, ForwardTrace? trace, ForwardTrace? crossTrace, TargetCache? cache = null)
        {
            var x = Drop(_norm.Forward(words + _positions.Rows(PositionOffset + (cache?.Length ?? 0), words.shape[1])), _config.Dropout, dropout);
            trace?.AddHiddenState(x);
            foreach (var layer in _layers)
            {
                x = layer.Forward(x, seen, encoded, source, dropout, trace, crossTrace, cache);
                trace?.AddHiddenState(x);
            }

            return x;
        }
    }

    private sealed class BartLayer
    {
        private readonly BartConfig _config;
        private readonly Func<Tensor, Tensor> _activation;
        private readonly BartAttention _self;
        private readonly LayerNorm _selfNorm;
        private readonly BartAttention? _cross;
        private readonly LayerNorm? _crossNorm;
        private readonly Linear _up;
        private readonly Linear _down;
        private readonly LayerNorm _finalNorm;

        public BartLayer(Place place, BartConfig config, int index, bool isDecoder)
        {
            _config = config;
            _activation = Activation.Of(config.Activation);
            long width = config.HiddenSize;
            var (heads, wide, setting) = isDecoder ? (config.DecoderHeads, config.DecoderIntermediateSize, "decoder_ffn_dim") : (config.Heads, config.IntermediateSize, "encoder_ffn_dim");
            _self = new(place.At("self_attn"), config, heads, index);
            _selfNorm = new(place.At("self_attn_layer_norm"), width, Epsilon, setting: "d_model");
            _cross = isDecoder ? new(place.At("encoder_attn"), config, heads, index) : null;
            _crossNorm = isDecoder ? new(place.At("encoder_attn_layer_norm"), width, Epsilon, setting: "d_model") : null;
            _up = new(place.At("fc1"), wide, width, setting);
            _down = new(place.At("fc2"), width, wide, setting);
            _finalNorm = new(place.At("final_layer_norm"), width, Epsilon, setting: "d_model");
        }

        public Tensor Forward(Tensor x, AttentionMask seen, Tensor? encoded, AttentionMask? source, Dropout? dropout, ForwardTrace? trace, ForwardTrace? crossTrace, TargetCache? cache)
        {
            using var scope = NewDisposeScope();
            x = _selfNorm.Forward(x + Drop(_self.Forward(x, null, seen, dropout, trace, cache), _config.Dropout, dropout));
            x = _cross is null ? x : _crossNorm!.Forward(x + Drop(_cross.Forward(x, encoded, source!, dropout, crossTrace, cache), _config.Dropout, dropout));
            var wide = Drop(_activation(_up.Forward(x)), _config.ActivationDropout, dropout);
            return _finalNorm.Forward(x + Drop(_down.Forward(wide), _config.Dropout, dropout)).MoveToOuterDisposeScope();
        }
    }

    private sealed class BartAttention(Place place, BartConfig config, int heads, int index)
    {
        private readonly Linear _keysValues = new(place, config.HiddenSize, "d_model", true, ("k_proj", config.HiddenSize), ("v_proj", config.HiddenSize));
        private readonly Linear _query = new(place.At("q_proj"), config.HiddenSize, config.HiddenSize, "d_model");
        private readonly Linear _output = new(place.At("out_proj"), config.HiddenSize, config.HiddenSize, "d_model");

        public Tensor Forward(Tensor x, Tensor? source, AttentionMask mask, Dropout? dropout, ForwardTrace? trace, TargetCache? cache)
        {
            using var scope = NewDisposeScope();
            var (keys, values) = source is null ? KeysValues(x) : cache?.Source(index, () => KeysValues(source)) ?? KeysValues(source);
            if (source is null && cache is not null)
            {
                (keys, values) = cache.Target.Append(index, keys, values);
            }

            var mixed = Attention.Apply(Attention.SplitHeads(_query.Forward(x), heads), keys, values, mask, dropout is null ? 0 : config.AttentionDropout, trace: trace);
            return _output.Forward(mixed).MoveToOuterDisposeScope();
        }

        private (Tensor Keys, Tensor Values) KeysValues(Tensor x)
        {
            var pairs = _keysValues.Forward(x).chunk(2, -1);
            return (Attention.SplitHeads(pairs[0], heads), Attention.SplitHeads(pairs[1], heads));
        }
    }
}
