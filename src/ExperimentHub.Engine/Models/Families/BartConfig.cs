using ExperimentHub.Engine.Models.SequenceToSequence;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a BART. Defaults are those of Hugging Face's <c>BartConfig</c>.</summary>
public sealed record BartConfig : EncoderDecoderConfig
{
    private BartConfig(ConfigFields fields)
        : base(fields)
    {
        VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, 50_265);
        HiddenSize = fields.Integer("d_model", 1, LargestWidth, 1024);
        Layers = fields.Integer("encoder_layers", 1, 512, 12);
        Heads = fields.Integer("encoder_attention_heads", 1, 1024, 16);
        IntermediateSize = fields.Integer("encoder_ffn_dim", 1, 131_072, 4096);
        DecoderLayers = fields.Integer("decoder_layers", 1, 512, 12);
        DecoderHeads = fields.Integer("decoder_attention_heads", 1, 1024, 16);
        DecoderIntermediateSize = fields.Integer("decoder_ffn_dim", 1, 131_072, 4096);
        MaxPositions = fields.Integer("max_position_embeddings", 1, 1 << 20, 1024);
        Activation = ReadActivation(fields, "activation_function", "gelu");
        Dropout = fields.Number("dropout", 0, 0.999, 0.1);
        AttentionDropout = fields.Number("attention_dropout", 0, 0.999, 0);
        ActivationDropout = fields.Number("activation_dropout", 0, 0.999, 0);
        InitializerRange = fields.Number("init_std", 0, 10, 0.02);
        ScalesEmbeddings = fields.Flag("scale_embedding", false);
        PadTokenId = Token(fields, "pad_token_id", Math.Min(1, VocabSize - 1));
        EosTokenId = Token(fields, "eos_token_id", Math.Min(2, VocabSize - 1));
        DecoderStartTokenId = Token(fields, "decoder_start_token_id", EosTokenId);
        CheckSizes(fields, "d_model", "encoder_attention_heads");
        if (HiddenSize % DecoderHeads != 0)
        {
            throw fields.Fault("decoder_attention_heads", $"is {DecoderHeads}, of which d_model {HiddenSize} is not a multiple");
        }
    }

    public override string Family => "bart";

    public override string LayersSetting => "encoder_layers";

    public int DecoderHeads { get; }

    public int DecoderIntermediateSize { get; }

    public string Activation { get; }

    public double Dropout { get; }

    public double AttentionDropout { get; }

    public double ActivationDropout { get; }

    /// <summary>True where word vectors are multiplied by √d_model.</summary>
    public bool ScalesEmbeddings { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static BartConfig Read(ConfigFields fields) => new(fields);
}
