namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What a token of a SentencePiece model is for, with the numbers of its file.</summary>
internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,

    /// <summary>Special: <c>&lt;s&gt;</c> and the like.</summary>
    Control = 3,

    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
