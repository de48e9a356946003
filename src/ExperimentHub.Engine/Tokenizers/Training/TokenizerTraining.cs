namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>What a <see cref="TokenizerTrainer"/> is to learn.</summary>
public sealed record TokenizerTraining
{
    /// <summary>As BERT: words, cut into pieces that go on with <c>##</c>.</summary>
    public const string WordPiece = "wordpiece";

    /// <summary>As GPT-2: merges of bytes; every text can be written with it.</summary>
    public const string ByteLevelBpe = "byte_bpe";

    /// <summary>As Llama 2, without its bytes: merges of characters, with <c>▁</c> for spaces.</summary>
    public const string Bpe = "bpe";

    /// <summary>As T5: the most probable cut by the probabilities of its tokens.</summary>
    public const string Unigram = "unigram";

    public static IReadOnlyList<string> Kinds { get; } = [WordPiece, ByteLevelBpe, Bpe, Unigram];

    public string Kind { get; init; } = ByteLevelBpe;

    /// <summary>Tokens wanted, special ones included; fewer come out of little text.</summary>
    public int VocabularySize { get; init; } = 8000;

    /// <summary>WordPiece only: lower-cased, accents stripped.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Byte-level and unigram: special tokens and frame of a family of models; null: those that suit a decoder.</summary>
    public TokenizerFrame? Frame { get; init; }

    /// <summary>The special tokens that come out, which depend on the kind and the frame alone.</summary>
    internal SpecialTokens Roles => Frame?.Ids ?? Kind switch
    {
        WordPiece => new() { Pad = 0, Unknown = 1, Classification = 2, Separator = 3, Mask = 4 },
        ByteLevelBpe => new() { Beginning = 0, End = 0, Pad = 1 },
        _ => new() { Unknown = 0, Beginning = 1, End = 2, Pad = 3 },
    };
}
