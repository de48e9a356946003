using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a ModernBERT, in the field names of the hub or the newer ones. Defaults are those of Hugging Face's <c>ModernBertConfig</c>.</summary>
public sealed record ModernBertConfig : ModelConfig
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    private static readonly string[] s_poolings = ["cls", "mean"];

    private ModernBertConfig(ConfigFields fields)
        : base(fields)
    {
        VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, 50368);
        HiddenSize = fields.Integer("hidden_size", 1, LargestWidth, 768);
        Layers = fields.Integer("num_hidden_layers", 1, 512, 22);
        Heads = fields.Integer("num_attention_heads", 1, 1024, 12);
        IntermediateSize = fields.Integer("intermediate_size", 1, 131_072, 1152);
        MaxPositions = fields.Integer("max_position_embeddings", 1, 1 << 20, 8192);
        PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, 50283);
        InitializerRange = fields.Number("initializer_range", 0, 10, 0.02);
        InitializerCutoff = fields.Number("initializer_cutoff_factor", 0, 100, 2);
        Activation = ReadActivation(fields, "hidden_activation", "gelu");
        HeadActivation = ReadActivation(fields, "classifier_activation", "gelu");
        NormEpsilon = fields.Number("norm_eps", 1e-30, 0.1, 1e-5);
        NormBias = fields.Flag("norm_bias", false);
        AttentionBias = fields.Flag("attention_bias", false);
        FeedForwardBias = fields.Flag("mlp_bias", false);
        HeadBias = fields.Flag("classifier_bias", false);
        DecoderBias = fields.Flag("decoder_bias", true);
        EmbeddingDropout = fields.Number("embedding_dropout", 0, 0.999, 0);
        AttentionDropout = fields.Number("attention_dropout", 0, 0.999, 0);
        FeedForwardDropout = fields.Number("mlp_dropout", 0, 0.999, 0);
        HeadDropout = fields.Number("classifier_dropout", 0, 0.999, 0);
        Pooling = fields.Text("classifier_pooling", "cls")!;
        Window = fields.Integer("local_attention", 1, 1 << 20, 128) / 2;
        SlidingLayers = ReadSlidingLayers(fields);
        FullRotation = RotarySettings.Read(fields, MaxPositions, fields.Number("global_rope_theta", 1, 1e12, 160_000), Full);
        SlidingRotation = RotarySettings.Read(fields, MaxPositions, fields.Number("local_rope_theta", 1, 1e12, 10_000), Sliding);
        CheckSizes(fields, "hidden_size", "num_attention_heads");
        CheckPadding(fields);
        if (HeadSize % 2 != 0)
        {
            throw fields.Fault("num_attention_heads", $"is {Heads}, which gives heads of {HeadSize} numbers; rotary positions turn pairs");
        }

        if (!s_poolings.Contains(Pooling))
        {
            throw fields.Fault("classifier_pooling", $"is {InputException.Quote(Pooling)}; known are {string.Join(", ", s_poolings)}");
        }
    }

    public override string Family => "modernbert";

    public double InitializerCutoff { get; }

    public string Activation { get; }

    public string HeadActivation { get; }

    public double NormEpsilon { get; }

    public bool NormBias { get; }

    public bool AttentionBias { get; }

    public bool FeedForwardBias { get; }

    public bool HeadBias { get; }

    public bool DecoderBias { get; }

    public double EmbeddingDropout { get; }

    public double AttentionDropout { get; }

    public double FeedForwardDropout { get; }

    public double HeadDropout { get; }

    /// <summary>What a classifier reads: <c>cls</c>, the first token, or <c>mean</c> of all.</summary>
    public string Pooling { get; }

    /// <summary>How far a sliding layer sees to each side.</summary>
    public int Window { get; }

    /// <summary>For each layer, whether it sees a window only.</summary>
    public IReadOnlyList<bool> SlidingLayers { get; }

    internal RotarySettings FullRotation { get; }

    internal RotarySettings SlidingRotation { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static ModernBertConfig Read(ConfigFields fields) => new(fields);

    private IReadOnlyList<bool> ReadSlidingLayers(ConfigFields fields)
    {
        var kinds = fields.Texts("layer_types");
        if (kinds.Count == 0)
        {
            var every = fields.Integer("global_attn_every_n_layers", 1, 512, 3);
            return [.. Enumerable.Range(0, Layers).Select(i => i % every != 0)];
        }

        return kinds.Count == Layers && kinds.All(k => k is Full or Sliding)
            ? [.. kinds.Select(k => k == Sliding)]
            : throw fields.Fault("layer_types", $"must say {Full} or {Sliding} for each of the {Layers} layers");
    }
}
