namespace ExperimentHub.Engine.Models.SequenceToSequence;

/// <summary>What every encoder-decoder has besides; <see cref="ModelConfig.Layers"/> are those of the encoder.</summary>
public abstract record EncoderDecoderConfig : ModelConfig
{
    /// <exception cref="InputException">A field cannot be.</exception>
    private protected EncoderDecoderConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public int DecoderLayers { get; private protected init; }

    /// <summary>The token that the decoder begins with.</summary>
    public int DecoderStartTokenId { get; private protected init; }

    /// <summary>The token that ends a text.</summary>
    public int EosTokenId { get; private protected init; }

    /// <summary>A token id of the vocabulary.</summary>
    private protected int Token(ConfigFields fields, string name, int whenMissing)
    {
        var token = fields.Integer(name, 0, int.MaxValue, whenMissing);
        return token < VocabSize ? token : throw fields.Fault(name, $"is {token}, outside the vocabulary of {VocabSize}");
    }
}
