namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a RoBERTa or an XLM-RoBERTa. Defaults are those of Hugging Face's <c>RobertaConfig</c>.</summary>
public sealed record RobertaConfig : EncoderConfig
{
    private RobertaConfig(ConfigFields fields, string family)
        : base(fields)
    {
        Family = family;
        (VocabSize, MaxPositions, PadTokenId) = (50265, 512, 1);
    }

    public override string Family { get; }

    /// <summary>Positions are counted from the one after the padding's.</summary>
    public override int MaxLength => Math.Max(1, MaxPositions - PadTokenId - 1);

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static RobertaConfig Read(ConfigFields fields, string family)
    {
        var config = Read(fields, new RobertaConfig(fields, family));
        return config.PadTokenId + 1 < config.MaxPositions ? config
            : throw fields.Fault("max_position_embeddings", $"is {config.MaxPositions}, which leaves no position behind that of padding, {config.PadTokenId}");
    }
}
