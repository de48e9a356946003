using ExperimentHub.Engine;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Worker;

/// <summary>Folders that a run reads.</summary>
internal sealed record TrainingSources
{
    /// <summary>A Hugging Face folder with its tokenizer.</summary>
    public required string Model { get; init; }

    /// <summary>A data set of the store.</summary>
    public required string Dataset { get; init; }

    /// <summary>A data set whose rows are the validation rows; null: those of <see cref="Dataset"/>.</summary>
    public string? EvaluationDataset { get; init; }
}

/// <summary>What a run trains on and is judged by: the rows of a data set in tokens, split by split.</summary>
internal sealed record TrainingData
{
    private const int RowsAtATime = 2000;

    /// <summary>Class names in the order of their ids.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public required ClassificationRows Train { get; init; }

    public required ClassificationRows Validation { get; init; }

    public required ClassificationRows Test { get; init; }

    /// <summary>What a person should know, one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Reads and tokenises; <paramref name="progress"/> hears how many rows of how many are done.</summary>
    public static async Task<TrainingData> LoadAsync(TrainingSources sources, RunConfig config, Tokenizer tokenizer, Action<long, long> progress)
    {
        var reader = await OpenAsync(sources.Dataset, config);
        if (reader.Labels.Count < 2)
        {
            throw new InputException("The label column has fewer than two different labels; choose another column.", "run.one_label");
        }

        var notes = new List<string>();
        var done = 0L;
        var evaluation = sources.EvaluationDataset is null ? null : await OpenAsync(sources.EvaluationDataset, config);
        var total = reader.Info.Rows + (evaluation?.Info.Rows ?? 0);
        var train = await Tokenize(reader, SplitNames.Train, keepTexts: false);
        // Rows that are evaluated keep their texts: the report shows the wrong ones.
        var validation = evaluation is null
            ? await Tokenize(reader, SplitNames.Validation, keepTexts: true)
            : WithLabelsOf(reader.Labels, evaluation.Labels, await Tokenize(evaluation, SplitNames.Train, keepTexts: true));
        var test = await Tokenize(reader, SplitNames.Test, keepTexts: true);
        return new TrainingData { Labels = reader.Labels, Train = train, Validation = validation, Test = test, Notes = notes };

        Task<ClassificationRows> Tokenize(DatasetReader from, string split, bool keepTexts) =>
            TokenizeAsync(from, tokenizer, split, config.MaxLength, keepTexts, notes, count => progress(done += count, total));
    }

    /// <summary>All training rows of a data set, with the ids that a model gives to the labels.</summary>
    public static async Task<ClassificationRows> LoadAllAsync(string dataset, IReadOnlyList<string> labels, Tokenizer tokenizer, int maxLength)
    {
        var reader = await DatasetReader.OpenAsync(dataset);
        return WithLabelsOf(labels, reader.Labels, await TokenizeAsync(reader, tokenizer, SplitNames.Train, maxLength, keepTexts: true, [], static _ => { }));
    }

    private static Task<DatasetReader> OpenAsync(string dataset, RunConfig config) =>
        DatasetReader.OpenAsync(dataset, config.TextColumn, config.TextPairColumn, config.LabelColumn);

    /// <summary>The ids that the training rows' labels have, for rows of another file.</summary>
    private static ClassificationRows WithLabelsOf(IReadOnlyList<string> wanted, IReadOnlyList<string> own, ClassificationRows rows)
    {
        var ids = wanted.Select((label, id) => (label, id)).ToDictionary(l => l.label, l => l.id, StringComparer.Ordinal);
        if (own.FirstOrDefault(l => !ids.ContainsKey(l)) is { } unknown)
        {
            throw new InputException($"The evaluation file has the label '{InputException.Quote(unknown)}', which the training rows have not; correct one of the files.", "run.unknown_label", InputException.Quote(unknown));
        }

        return rows with { Labels = [.. rows.Labels.Select(l => ids[own[l]])] };
    }

    private static async Task<ClassificationRows> TokenizeAsync(
        DatasetReader reader, Tokenizer tokenizer, string split, int maxLength, bool keepTexts, List<string> notes, Action<int> progress)
    {
        var (ids, types, offsets, labels) = (new List<int>(), new List<byte>(), new List<long> { 0 }, new List<int>());
        var (numbers, texts, pairs, unlabelled, truncated) = (new List<long>(), new List<string>(), new List<string?>(), 0, 0);
        var waiting = new List<DatasetRow>(RowsAtATime);
        await foreach (var row in reader.ReadAsync(split))
        {
            if (row.Label < 0)
            {
                unlabelled++;
                continue;
            }

            waiting.Add(row);
            if (waiting.Count == RowsAtATime)
            {
                Flush();
            }
        }

        Flush();
        if (unlabelled > 0)
        {
            notes.Add($"{unlabelled} {split} rows have no label and are left out.");
        }

        if (truncated > 0)
        {
            notes.Add($"{truncated} of {labels.Count} {split} rows are longer than {maxLength} tokens and are cut.");
        }

        return new ClassificationRows
        {
            Ids = [.. ids],
            TypeIds = types.Contains(1) ? [.. types] : null,
            Offsets = [.. offsets],
            Labels = [.. labels],
            RowNumbers = numbers,
            Texts = keepTexts ? texts : null,
            TextPairs = keepTexts && pairs.Exists(p => p is not null) ? pairs : null,
        };

        void Flush()
        {
            var batch = tokenizer.EncodeBatch([.. waiting.Select(r => r.Text)], waiting.Exists(r => r.TextPair is not null) ? [.. waiting.Select(r => r.TextPair)] : null, maxLength);
            var begin = (long)ids.Count;
            ids.AddRange(batch.Ids);
            types.AddRange(batch.TypeIds);
            offsets.AddRange(batch.Offsets.Skip(1).Select(o => begin + o));
            labels.AddRange(waiting.Select(r => r.Label));
            numbers.AddRange(waiting.Select(r => r.Row));
            truncated += batch.TruncatedRows;
            if (keepTexts)
            {
                texts.AddRange(waiting.Select(r => r.Text));
                pairs.AddRange(waiting.Select(r => r.TextPair));
            }

            progress(waiting.Count);
            waiting.Clear();
        }
    }
}
