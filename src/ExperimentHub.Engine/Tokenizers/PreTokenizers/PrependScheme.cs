namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Where Metaspace puts its mark before text that does not begin with one.</summary>
internal enum PrependScheme
{
    /// <summary>Before the text's very first piece only.</summary>
    First,

    Never,

    /// <summary>Before every piece.</summary>
    Always,
}
