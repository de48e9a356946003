using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>What an encoder and its head make of a batch. Shapes: B batch, T tokens, C width.</summary>
internal sealed record EncoderOutput
{
    /// <summary>(B, T, C) after the last layer.</summary>
    public required Tensor Hidden { get; init; }

    /// <summary>(B, C): one vector a row, in models that have a pooler.</summary>
    public Tensor? Pooled { get; init; }

    /// <summary>
    /// In 32 bits. Scores of classes (B, classes) or of each token (B, T, classes); of a beginning and an end of the answer (B, T, 2); of each word
    /// of the vocabulary (B, T, V); of a token being replaced (B, T).
    /// </summary>
    public Tensor? Logits { get; init; }

    /// <summary>(B, 2): 0 the second segment follows the first, 1 it does not.</summary>
    public Tensor? SentenceLogits { get; init; }

    public EncoderOutput MoveToOuterDisposeScope()
    {
        Hidden.MoveToOuterDisposeScope();
        Pooled?.MoveToOuterDisposeScope();
        Logits?.MoveToOuterDisposeScope();
        SentenceLogits?.MoveToOuterDisposeScope();
        return this;
    }
}
