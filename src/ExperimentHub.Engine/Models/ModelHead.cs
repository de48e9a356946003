namespace ExperimentHub.Engine.Models;

/// <summary>What stands on top of a body; each family names its classes after these.</summary>
internal enum ModelHead
{
    /// <summary>The body alone.</summary>
    None,
    SequenceClassification,
    TokenClassification,
    QuestionAnswering,
    MaskedLanguageModel,
    NextSentence,

    /// <summary>BERT's masked words and next sentence together.</summary>
    Pretraining,

    /// <summary>ELECTRA's discriminator: which tokens were replaced.</summary>
    ReplacedTokens,
    CausalLanguageModel,

    /// <summary>An encoder and a decoder with a language model's head.</summary>
    ConditionalGeneration,
}
