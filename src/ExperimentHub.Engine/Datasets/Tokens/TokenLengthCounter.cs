using System.Text;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Datasets.Tokens;

/// <summary>Counts the tokens of every row of a stored data set, a few thousand rows at a time; memory does not grow with the rows.</summary>
public static class TokenLengthCounter
{
    /// <summary>Lengths up to here are counted one by one, longer ones by <see cref="Step"/>.</summary>
    public const int Exact = 4096;

    private const int Step = 256;
    private const int RowsAtATime = 4000;

    /// <param name="dataset">A folder of the store.</param>
    /// <param name="folder">A folder with a tokenizer.</param>
    /// <param name="progress">Rows done of all.</param>
    /// <param name="cancellation">Ends it between two groups of rows.</param>
    /// <exception cref="InputException">The data set has no text, or the tokenizer cannot be used.</exception>
    public static async Task<TokenLengths> CountAsync(string dataset, string folder, Action<long, long> progress, CancellationToken cancellation = default)
    {
        var tokenizer = Tokenizer.Load(folder);
        var reader = await DatasetReader.OpenAsync(dataset, cancellation: cancellation);
        var counts = new SortedDictionary<int, long>();
        var used = new bool[tokenizer.IdCount];
        var (ofSingle, ofPair) = (FrameOf(tokenizer, null), FrameOf(tokenizer, "a"));
        var (rows, tokens, framing, unknown, characters, bytes) = (0L, 0L, 0L, 0L, 0L, 0L);
        var waiting = new List<DatasetRow>(RowsAtATime);
        foreach (var split in (string[])[SplitNames.Train, SplitNames.Validation, SplitNames.Test])
        {
            await foreach (var row in reader.ReadAsync(split, cancellation))
            {
                waiting.Add(row);
                if (waiting.Count == RowsAtATime)
                {
                    Flush();
                }
            }
        }

        Flush();
        return new TokenLengths
        {
            Rows = rows,
            Tokens = tokens,
            Counts = [.. counts.Select(c => new LengthCount(c.Key, c.Value))],
            FrameTokens = framing,
            UnknownTokens = unknown,
            Characters = characters,
            Bytes = bytes,
            UsedTokens = used.Count(u => u),
            VocabularySize = tokenizer.VocabularySize,
        };

        void Flush()
        {
            cancellation.ThrowIfCancellationRequested();
            var pairs = waiting.Exists(r => r.TextPair is not null) ? waiting.ConvertAll(r => r.TextPair) : null;
            var batch = tokenizer.EncodeBatch(waiting.ConvertAll(r => r.Text), pairs, maxLength: 0);
            for (var i = 0; i < waiting.Count; i++)
            {
                var length = (int)(batch.Offsets[i + 1] - batch.Offsets[i]);
                var bin = length <= Exact ? length : (length + Step - 1) / Step * Step;
                counts[bin] = counts.GetValueOrDefault(bin) + 1;
                Measure(waiting[i].Text);
                Measure(waiting[i].TextPair);
                framing += string.IsNullOrEmpty(waiting[i].TextPair) ? ofSingle : ofPair;
            }

            foreach (var id in batch.Ids)
            {
                used[id] = true;
                unknown += id == tokenizer.Special.Unknown ? 1 : 0;
            }

            rows += waiting.Count;
            tokens += batch.Offsets[^1];
            progress(rows, reader.Info.Rows);
            waiting.Clear();
        }

        void Measure(string? text)
        {
            bytes += Encoding.UTF8.GetByteCount(text ?? "");
            characters += Encoding.UTF32.GetByteCount(text ?? "") / 4;
        }
    }

    /// <summary>Tokens that the model adds to a text, or to a pair.</summary>
    private static int FrameOf(Tokenizer tokenizer, string? pair)
    {
        var encoding = tokenizer.Encode("a", pair);
        return Enumerable.Range(0, encoding.Length).Count(encoding.IsSpecial);
    }
}
