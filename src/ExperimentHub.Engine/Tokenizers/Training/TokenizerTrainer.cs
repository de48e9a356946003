namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>Learns a tokenizer of one of the kinds of <see cref="TokenizerTraining"/> from texts, and saves it as the reference loads it.</summary>
public sealed class TokenizerTrainer
{
    public const int SmallestVocabulary = 100;
    public const int LargestVocabulary = 1_000_000;

    private static readonly string[] s_special = ["<unk>", "<s>", "</s>", "<pad>"];
    private static readonly string[] s_byteSpecial = ["<|endoftext|>", "<|pad|>"];

    private readonly Action<string> _add;
    private readonly Func<IProgress<int>?, CancellationToken, TokenizerFile> _train;

    /// <exception cref="InputException">There is no such kind, or no vocabulary of this size.</exception>
    public TokenizerTrainer(TokenizerTraining training)
    {
        var size = training.VocabularySize;
        if (size is < SmallestVocabulary or > LargestVocabulary)
        {
            throw new InputException($"A vocabulary has {SmallestVocabulary} to {LargestVocabulary} tokens; choose a size between.", "model.vocabulary_size", SmallestVocabulary, LargestVocabulary);
        }

        switch (training.Kind)
        {
            case TokenizerTraining.WordPiece:
                var pieces = new WordPieceTrainer(size, training.Lowercase);
                (_add, _train) = (pieces.Add, (progress, cancellation) => TokenizerFile.OfWordPiece(pieces.Train(progress, cancellation), training.Lowercase));
                break;
            case TokenizerTraining.ByteLevelBpe:
                var bytes = new BytePairTrainer(new BytePairTraining { Size = size, Special = training.Frame?.Special ?? s_byteSpecial });
                (_add, _train) = (bytes.Add, (progress, cancellation) => TokenizerFile.OfByteLevel(bytes.Train(progress, cancellation), s_byteSpecial, training.Frame));
                break;
            case TokenizerTraining.Bpe:
                var pairs = new BytePairTrainer(new BytePairTraining { Size = size, Special = s_special, ByteLevel = false });
                (_add, _train) = (pairs.Add, (progress, cancellation) => TokenizerFile.OfBytePairs(pairs.Train(progress, cancellation), s_special));
                break;
            case TokenizerTraining.Unigram:
                var unigram = new UnigramTrainer(new UnigramTraining { Size = size, Special = training.Frame?.Special ?? s_special });
                (_add, _train) = (unigram.Add, (progress, cancellation) => TokenizerFile.OfUnigram(unigram.Train(progress, cancellation), s_special, training.Frame));
                break;
            default:
                throw new InputException(
                    $"There is no kind of tokenizer '{InputException.Quote(training.Kind)}'; there are {string.Join(", ", TokenizerTraining.Kinds)}.", "tokenizer.training_kind", InputException.Quote(training.Kind));
        }
    }

    /// <summary>Counts the words of a text. Memory grows with the number of different words, not with the text.</summary>
    public void Add(string text) => _add(text);

    /// <param name="progress">Told tokens: those learned so far, or (unigram) those still in the running.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="InputException">The texts do not fit into the vocabulary.</exception>
    public TokenizerFile Train(IProgress<int>? progress = null, CancellationToken cancellation = default) => _train(progress, cancellation);
}
