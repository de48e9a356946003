using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// T5 (Raffel et al. 2020) in its versions 1.0, 1.1 and Flan, and mT5, as Hugging Face computes them: pre-norm with RMS norms and no biases, scores that are
/// not divided by √D but get a bias of the distance, which the first block of each stack learns for all.
/// </summary>
internal sealed class T5 : EncoderDecoderModel
{
    private readonly T5Config _config;
    private readonly Embedding _words;
    private readonly T5Stack _encoder;
    private readonly T5Stack _decoder;
    private readonly WeightProduct _output;

    public T5(T5Config config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        long width = config.HiddenSize;
        var words = Initialisation.Normal(config.InitializerFactor);
        _words = new(Root.At("shared").With(words), config.VocabSize, width, "vocab_size");
        _encoder = new(Root.At("encoder"), config, isDecoder: false);
        _decoder = new(Root.At("decoder"), config, isDecoder: true);
        _output = new(head != ModelHead.ConditionalGeneration
            ? _words.Weight
            : Root.Add(new Weight(config.Layers + config.DecoderLayers + 2, words, [width], "vocab_size", new WeightPart("lm_head.weight", config.VocabSize))
            {
                MayTieTo = config.TiesWordEmbeddings ? _words.Weight : null,
            }));
    }

    public override IReadOnlyList<string> Prefixes { get; } = [];

    public override Weight WordEmbeddings => _words.Weight;

    /// <summary>Copies of the word embeddings, and a bias of the distance between source and target, which is never read.</summary>
    public override bool Ignores(string name) =>
        name is "encoder.embed_tokens.weight" or "decoder.embed_tokens.weight" or "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";

    public override Tensor Words(Tensor ids) => _words.Forward(ids);

    public override Tensor EncodeWords(Tensor words, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var length = words.shape[1];
        var seen = AttentionMask.Padding(mask, Precision).Plus(_encoder.Distances.Bias(length, length).to(Precision));
        return _encoder.Forward(words.to(Precision), seen, null, null, dropout, trace, null).MoveToOuterDisposeScope();
    }

    public override Tensor Decode(
        Tensor ids, Tensor encoded, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null, ForwardTrace? crossTrace = null, TargetCache? cache = null)
    {
        using var scope = NewDisposeScope();
        var (past, length) = (cache?.Length ?? 0, ids.shape[1]);
        var order = DecoderMask.Build(new DecoderBatch { Ids = ids }, past, null, Precision);
        var seen = order.Plus(_decoder.Distances.Bias(length, past + length, past).to(Precision));
        var source = AttentionMask.Padding(mask, Precision);
        var hidden = _decoder.Forward(_words.Forward(ids).to(Precision), seen, encoded, source, dropout, trace, crossTrace, cache);
        cache?.Target.Advance(length);
        return hidden.MoveToOuterDisposeScope();
    }

    public override Tensor Score(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var scaled = _config.ScalesOutput ? hidden * (1 / Math.Sqrt(_config.HiddenSize)) : hidden;
        return _output.Of(scaled).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The blocks of the encoder or of the decoder, and the normalisation behind them.</summary>
    private sealed class T5Stack
    {
        private readonly T5Config _config;
        private readonly IReadOnlyList<T5Block> _blocks;
        private readonly RmsNorm _finalNorm;

        public T5Stack(Place place, T5Config config, bool isDecoder)
        {
            _config = config;
            var (first, count) = isDecoder ? (config.Layers + 1, config.DecoderLayers) : (1, config.Layers);
            _blocks = [.. Enumerable.Range(0, count).Select(i => new T5Block(place.At($"block.{i}", first + i), config, i, isDecoder))];
            var bias = place.At("block.0.layer.0.SelfAttention.relative_attention_bias", first).With(Initialisation.Normal(config.InitializerFactor / Math.Sqrt(config.HiddenSize)));
            Distances = new(bias, config.Buckets, config.MaxDistance, config.Heads, bidirectional: !isDecoder);
            _finalNorm = new(place.At("final_layer_norm", first + count - 1), config.HiddenSize, config.NormEpsilon, "d_model");
        }

        public RelativePositions Distances { get; }

        public Tensor Forward(Tensor x, AttentionMask seen, Tensor? encoded, AttentionMask? source, Dropout? dropout, ForwardTrace? trace, ForwardTrace? crossTrace, TargetCache? cache = null)
        {
            x = Drop(x, _config.Dropout, dropout);
            foreach (var block in _blocks)
            {
                trace?.AddHiddenState(x);
                x = block.Forward(x, seen, encoded, source, dropout, trace, crossTrace, cache);
            }

            x = Drop(_finalNorm.Forward(x), _config.Dropout, dropout);
            trace?.AddHiddenState(x);
            return x;
        }
    }

    private sealed class T5Block
    {
        private readonly T5Config _config;
        private readonly T5Attention _self;
        private readonly T5Attention? _cross;
        private readonly T5FeedForward _feedForward;

        public T5Block(Place place, T5Config config, int index, bool isDecoder)
        {
            _config = config;
            _self = new(place.At("layer.0"), "SelfAttention", config, index);
            _cross = isDecoder ? new(place.At("layer.1"), "EncDecAttention", config, index) : null;
            _feedForward = new(place.At(isDecoder ? "layer.2" : "layer.1"), config);
        }

        public Tensor Forward(Tensor x, AttentionMask seen, Tensor? encoded, AttentionMask? source, Dropout? dropout, ForwardTrace? trace, ForwardTrace? crossTrace, TargetCache? cache)
        {
            using var scope = NewDisposeScope();
            x += Drop(_self.Forward(x, null, seen, dropout, trace, cache), _config.Dropout, dropout);
            x = _cross is null ? x : x + Drop(_cross.Forward(x, encoded, source!, dropout, crossTrace, cache), _config.Dropout, dropout);
            return (x + Drop(_feedForward.Forward(x, dropout), _config.Dropout, dropout)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Normalisation and attention, to the same tokens or to those of the source.</summary>
    private sealed class T5Attention
    {
        private readonly T5Config _config;
        private readonly Linear _query;
        private readonly Linear _keysValues;
        private readonly Linear _output;
        private readonly RmsNorm _norm;

        private readonly int _index;

        public T5Attention(Place place, string name, T5Config config, int index)
        {
            (_config, _index) = (config, index);
            long width = config.HiddenSize, inner = (long)config.Heads * config.HeadSize;
            var at = place.At(name);
            _query = new(at.At("q").With(Initial(width * config.HeadSize)), inner, width, "d_kv", bias: false);
            _keysValues = new(at.With(Initial(width)), width, "d_kv", false, ("k", inner), ("v", inner));
            _output = new(at.At("o").With(Initial(inner)), width, inner, "d_kv", bias: false);
            _norm = new(place.At("layer_norm"), width, config.NormEpsilon, "d_model");

            Initialisation Initial(long fan) => Initialisation.Normal(config.InitializerFactor / Math.Sqrt(fan));
        }

        public Tensor Forward(Tensor x, Tensor? source, AttentionMask mask, Dropout? dropout, ForwardTrace? trace, TargetCache? cache)
        {
            using var scope = NewDisposeScope();
            var normalised = _norm.Forward(x);
            var (keys, values) = source is null ? KeysValues(normalised) : cache?.Source(_index, () => KeysValues(source)) ?? KeysValues(source);
            if (source is null && cache is not null)
            {
                (keys, values) = cache.Target.Append(_index, keys, values);
            }

            var queries = Attention.SplitHeads(_query.Forward(normalised), _config.Heads);
            var mixed = Attention.Apply(queries, keys, values, mask, dropout is null ? 0 : _config.Dropout, scale: 1, trace);
            return _output.Forward(mixed).MoveToOuterDisposeScope();
        }

        private (Tensor Keys, Tensor Values) KeysValues(Tensor x)
        {
            var pairs = _keysValues.Forward(x).chunk(2, -1);
            return (Attention.SplitHeads(pairs[0], _config.Heads), Attention.SplitHeads(pairs[1], _config.Heads));
        }
    }

    private sealed class T5FeedForward
    {
        private readonly T5Config _config;
        private readonly Func<Tensor, Tensor> _activation;
        private readonly Linear _up;
        private readonly Linear _down;
        private readonly RmsNorm _norm;

        public T5FeedForward(Place place, T5Config config)
        {
            _config = config;
            _activation = Activation.Of(config.Activation);
            long width = config.HiddenSize, wide = config.IntermediateSize;
            var at = place.At("DenseReluDense");
            var up = at.With(Initialisation.Normal(config.InitializerFactor / Math.Sqrt(width)));
            _up = config.IsGated ? new(up, width, "d_ff", false, ("wi_0", wide), ("wi_1", wide)) : new(up.At("wi"), wide, width, "d_ff", bias: false);
            _down = new(at.At("wo").With(Initialisation.Normal(config.InitializerFactor / Math.Sqrt(wide))), width, wide, "d_ff", bias: false);
            _norm = new(place.At("layer_norm"), width, config.NormEpsilon, "d_model");
        }

        public Tensor Forward(Tensor x, Dropout? dropout)
        {
            using var scope = NewDisposeScope();
            var wide = _up.Forward(_norm.Forward(x));
            if (_config.IsGated)
            {
                var halves = wide.chunk(2, -1);   // what is activated, and its gate
                wide = _activation(halves[0]) * halves[1];
            }
            else
            {
                wide = _activation(wide);
            }

            return _down.Forward(Drop(wide, _config.Dropout, dropout)).MoveToOuterDisposeScope();
        }
    }
}
