namespace ExperimentHub.Engine.Models;

/// <summary>What a family is built for.</summary>
public static class ModelKinds
{
    /// <summary>Reads a text as a whole: classifies, extracts, embeds.</summary>
    public const string Encoder = "encoder";

    /// <summary>Goes on with a text.</summary>
    public const string Decoder = "decoder";

    /// <summary>Reads one text and writes another.</summary>
    public const string EncoderDecoder = "encoder_decoder";
}
