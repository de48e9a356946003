namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of an ELECTRA encoder. Defaults are those of Hugging Face's <c>ElectraConfig</c>.</summary>
public sealed record ElectraConfig : EncoderConfig
{
    private ElectraConfig(ConfigFields fields)
        : base(fields)
    {
        (HiddenSize, Heads, IntermediateSize) = (256, 4, 1024);
        EmbeddingSize = fields.Integer("embedding_size", 1, LargestWidth, 128);
    }

    public override string Family => "electra";

    /// <summary>Width of the embeddings; where it is not that of the layers, a linear layer stands between.</summary>
    public int EmbeddingSize { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static ElectraConfig Read(ConfigFields fields) => Read(fields, new ElectraConfig(fields));
}
