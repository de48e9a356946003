namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of an ALBERT encoder. Defaults are those of Hugging Face's <c>AlbertConfig</c>.</summary>
public sealed record AlbertConfig : EncoderConfig
{
    private AlbertConfig(ConfigFields fields)
        : base(fields)
    {
        (VocabSize, HiddenSize, Heads, IntermediateSize) = (30_000, 4096, 64, 16_384);
        (Activation, HiddenDropout, AttentionDropout) = ("gelu_new", 0, 0);
        ClassifierDropout = fields.Number("classifier_dropout_prob", 0, 0.999, 0.1);
        EmbeddingSize = fields.Integer("embedding_size", 1, LargestWidth, 128);
        Groups = fields.Integer("num_hidden_groups", 1, 512, 1);
        InnerLayers = fields.Integer("inner_group_num", 1, 512 / Groups, 1);
    }

    public override string Family => "albert";

    public int EmbeddingSize { get; }

    /// <summary>Sets of layers with weights of their own; the layers share them.</summary>
    public int Groups { get; }

    /// <summary>Layers of a group, all of which are run where the configuration says one layer.</summary>
    public int InnerLayers { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static AlbertConfig Read(ConfigFields fields)
    {
        var config = Read(fields, new AlbertConfig(fields));
        return config.Groups <= config.Layers ? config : throw fields.Fault("num_hidden_groups", $"is {config.Groups}, more than the {config.Layers} layers");
    }
}
