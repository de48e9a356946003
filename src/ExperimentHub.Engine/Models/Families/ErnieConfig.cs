namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of an ERNIE encoder. Defaults are those of Hugging Face's <c>ErnieConfig</c>.</summary>
public sealed record ErnieConfig : EncoderConfig
{
    public const string ModelType = "ernie";

    private ErnieConfig(ConfigFields fields)
        : base(fields)
    {
        UsesTasks = fields.Flag("use_task_id", false);
        TaskTypes = fields.Integer("task_type_vocab_size", 1, 1024, 3);
    }

    public override string Family => ModelType;

    /// <summary>True where a vector for the task is added at every position.</summary>
    public bool UsesTasks { get; }

    public int TaskTypes { get; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static ErnieConfig Read(ConfigFields fields) => Read(fields, new ErnieConfig(fields));
}
