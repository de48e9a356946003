namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a DistilBERT, which has names of its own. Defaults are those of Hugging Face's <c>DistilBertConfig</c>.</summary>
public sealed record DistilBertConfig : ModelConfig
{
    private DistilBertConfig(ConfigFields fields)
        : base(fields)
    {
        VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, 30522);
        HiddenSize = fields.Integer("dim", 1, LargestWidth, 768);
        Layers = fields.Integer("n_layers", 1, 512, 6);
        Heads = fields.Integer("n_heads", 1, 1024, 12);
        IntermediateSize = fields.Integer("hidden_dim", 1, 131_072, 3072);
        MaxPositions = fields.Integer("max_position_embeddings", 1, 1 << 20, 512);
        PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, 0);
        InitializerRange = fields.Number("initializer_range", 0, 10, 0.02);
        Activation = ReadActivation(fields, "activation", "gelu");
        Dropout = fields.Number("dropout", 0, 0.999, 0.1);
        AttentionDropout = fields.Number("attention_dropout", 0, 0.999, 0.1);
        AnswerDropout = fields.Number("qa_dropout", 0, 0.999, 0.1);
        ClassifierDropout = fields.Number("seq_classif_dropout", 0, 0.999, 0.2);
        CheckSizes(fields, "dim", "n_heads");
        CheckPadding(fields);
    }

    public override string Family => "distilbert";

    public override string LayersSetting => "n_layers";

    public string Activation { get; }

    public double Dropout { get; }

    public double AttentionDropout { get; }

    /// <summary>Dropout before the layer that finds an answer.</summary>
    public double AnswerDropout { get; }

    public double ClassifierDropout { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static DistilBertConfig Read(ConfigFields fields) => new(fields);
}
