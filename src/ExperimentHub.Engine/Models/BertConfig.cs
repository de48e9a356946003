namespace ExperimentHub.Engine.Models;

/// <summary>What <c>config.json</c> says of a BERT encoder. Defaults are those of Hugging Face's <c>BertConfig</c>.</summary>
public sealed record BertConfig : EncoderConfig
{
    public const string ModelType = "bert";

    public BertConfig()
    {
    }

    private BertConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => ModelType;

    /// <exception cref="InputException">Anything that a BERT encoder cannot have; the limits keep a hostile file from asking for the machine's memory.</exception>
    internal static BertConfig Read(ConfigFields fields) => Read(fields, new BertConfig(fields));
}
