using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Datasets.Tokens;

/// <summary>Learns a tokenizer from the training texts of a stored data set.</summary>
public static class DatasetTokenizer
{
    private const int ReportEvery = 1000;

    /// <param name="order">What to learn.</param>
    /// <param name="store">The content store, which holds the data set and takes the tokenizer.</param>
    /// <param name="progress">Stage (<c>reading</c>, then <c>vocabulary</c>), and how much of how much.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <exception cref="InputException">A setting cannot be, the data set has no texts, or they do not fit into the vocabulary.</exception>
    public static async Task<TokenizerInfo> TrainAsync(TokenizerOrder order, string store, Action<string, long, long> progress, CancellationToken cancellation = default)
    {
        var (learned, texts, characters) = await LearnAsync(order.ToTraining(), order.Dataset, store, progress, cancellation);
        return TokenizerStore.Add(
            store, learned, new TokenizerInfo { Kind = order.Kind, Lowercase = order.Lowercase, AskedVocabularySize = order.VocabularySize, Texts = texts, Characters = characters });
    }

    /// <summary>The same without storing it: what was learned, and from how many texts of how many UTF-16 units.</summary>
    /// <inheritdoc cref="TrainAsync"/>
    internal static async Task<(TokenizerFile Learned, long Texts, long Characters)> LearnAsync(
        TokenizerTraining training, string dataset, string store, Action<string, long, long> progress, CancellationToken cancellation)
    {
        var trainer = new TokenizerTrainer(training);
        var reader = await DatasetReader.OpenAsync(Path.Combine(store, "datasets", dataset), cancellation: cancellation);
        var (rows, texts, characters) = (0L, 0L, 0L);
        await foreach (var row in reader.ReadAsync(SplitNames.Train, cancellation))
        {
            Add(row.Text);
            Add(row.TextPair);
            if (++rows % ReportEvery == 0)
            {
                progress("reading", rows, reader.Info.SplitCounts[SplitNames.Train]);
            }
        }

        if (texts == 0)
        {
            throw new InputException("The data set has no training rows; split it again.", "model.no_rows");
        }

        progress("vocabulary", 0, training.VocabularySize);
        return (trainer.Train(new Told(Count), cancellation), texts, characters);

        // A unigram vocabulary shrinks towards its size; the others grow to it.
        void Count(int tokens) => progress("vocabulary", Math.Min(tokens, training.VocabularySize), Math.Max(tokens, training.VocabularySize));

        void Add(string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                trainer.Add(text);
                texts++;
                characters += text.Length;
            }
        }
    }

    /// <summary>Reports on the thread that learns, unlike <see cref="Progress{T}"/>: events keep their order.</summary>
    private sealed class Told(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}
