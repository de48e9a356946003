using ExperimentHub.Engine.Models.SequenceToSequence;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a T5 (1.0, 1.1, Flan) or an mT5. Defaults are those of Hugging Face's <c>T5Config</c>.</summary>
public sealed record T5Config : EncoderDecoderConfig
{
    private const string Gated = "gated-";

    private T5Config(ConfigFields fields, string family)
        : base(fields)
    {
        Family = family;
        VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, 32_128);
        HiddenSize = fields.Integer("d_model", 1, LargestWidth, 512);
        HeadSize = fields.Integer("d_kv", 1, 4096, 64);
        IntermediateSize = fields.Integer("d_ff", 1, 131_072, 2048);
        Layers = fields.Integer("num_layers", 1, 512, 6);
        DecoderLayers = fields.Integer("num_decoder_layers", 1, 512, Layers);
        Heads = fields.Integer("num_heads", 1, 1024, 8);
        Buckets = fields.Integer("relative_attention_num_buckets", 4, 4096, 32);
        MaxDistance = fields.Integer("relative_attention_max_distance", 2, 1 << 20, 128);
        Dropout = fields.Number("dropout_rate", 0, 0.999, 0.1);
        NormEpsilon = fields.Number("layer_norm_epsilon", 1e-30, 0.1, 1e-6);
        InitializerFactor = fields.Number("initializer_factor", 0, 100, 1);
        var feedForward = fields.Text("feed_forward_proj", family == "mt5" ? "gated-gelu" : "relu")!;
        IsGated = feedForward.StartsWith(Gated, StringComparison.Ordinal);
        var activation = feedForward == "gated-gelu" ? "gelu_new" : IsGated ? feedForward[Gated.Length..] : feedForward;
        Activation = Models.Layers.Activation.Names.Contains(activation) ? activation
            : throw fields.Fault("feed_forward_proj", $"is {InputException.Quote(feedForward)}; known are {string.Join(", ", Models.Layers.Activation.Names)}, each also behind {Gated}");
        PadTokenId = Token(fields, "pad_token_id", 0);
        EosTokenId = Token(fields, "eos_token_id", Math.Min(1, VocabSize - 1));
        DecoderStartTokenId = Token(fields, "decoder_start_token_id", PadTokenId);
        ScalesOutput = family != "mt5" && fields.Flag("scale_decoder_outputs", TiesWordEmbeddings);
        MaxPositions = fields.Integer("n_positions", 1, 1 << 20, 512);
    }

    public override string Family { get; }

    public override string LayersSetting => "num_layers";

    /// <summary>Heads need not fill the width: <c>num_heads · d_kv</c> is often more or less.</summary>
    public override int HeadSize { get; }

    public int Buckets { get; }

    /// <summary>Tokens further apart than this share a bucket.</summary>
    public int MaxDistance { get; }

    public double Dropout { get; }

    public double NormEpsilon { get; }

    public double InitializerFactor { get; }

    public bool IsGated { get; }

    public string Activation { get; }

    /// <summary>True where the decoder's states are multiplied by 1/√d_model before the words are scored. mT5 never does.</summary>
    public bool ScalesOutput { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static T5Config Read(ConfigFields fields, string family) => new(fields, family);
}
