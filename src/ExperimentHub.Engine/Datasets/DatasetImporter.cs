using System.Diagnostics;
using System.Text.Json;
using ExperimentHub.Engine.Datasets.Reading;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Datasets;

/// <summary>How far an import is: bytes of the file read in this stage.</summary>
/// <param name="Stage"><c>hashing</c>, <c>reading</c> or <c>writing</c>.</param>
/// <param name="Done">Bytes of the upload dealt with in this stage.</param>
/// <param name="Total">Bytes of the upload.</param>
public readonly record struct ImportProgress(string Stage, long Done, long Total);

/// <summary>
/// Turns an uploaded file into an immutable data set of the store. The file is read twice, in bounded memory: once to learn types, labels
/// and how many rows there are, once to write them. The same file with the same choices is the same data set, stored once.
/// </summary>
public static class DatasetImporter
{
    private const int ImportFormat = 1;
    private const int WriteBuffer = 1 << 20;

    private static readonly TimeSpan s_progressEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Imports into <paramref name="store"/><c>/datasets/HASH</c>; <paramref name="progress"/> is called a few times a second.</summary>
    /// <exception cref="InputException">The file holds no rows that can be used.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left in the store.</exception>
    public static async Task<DatasetInfo> ImportAsync(
        DatasetImport chosen, string store, Action<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        progress?.Invoke(new("hashing", 0, 0));
        var plan = ImportPlan.Make(chosen);
        var sourceHash = plan.Source.ContentHash();
        var hash = HashOf(plan, sourceHash);
        var final = Path.Combine(store, "datasets", hash);
        if (File.Exists(Path.Combine(final, DatasetInfo.InfoFileName)))
        {
            return DatasetInfo.Read(final);
        }

        var parent = Directory.CreateDirectory(Path.Combine(store, "datasets"));
        var temporary = Path.Combine(parent.FullName, $"{hash}.{Guid.NewGuid():n}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            var survey = Survey(plan, progress, cancellation);
            var splits = plan.Split.Kind == "column" ? [.. survey.Splits] : Splitter.Assign(survey.Strata, plan.Split);
            var info = Describe(plan, survey, splits, hash, sourceHash);
            await WriteAsync(plan, info, survey, splits, temporary, progress, cancellation);
            AtomicFile.Write(Path.Combine(temporary, DatasetInfo.InfoFileName), stream => JsonSerializer.Serialize(stream, info, WireJson.Indented));
            if (Directory.Exists(final))
            {
                return DatasetInfo.Read(final);   // another import of the same was faster
            }

            AtomicFile.MoveDirectory(temporary, final);
            return info;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    internal static InputException NoRows(ImportPlan plan, RowProblem? first) => first is null
        ? new InputException($"{InputException.Quote(plan.Source.FileName)} has no rows; choose a file with rows.", "dataset.no_rows", InputException.Quote(plan.Source.FileName))
        : new InputException(
            $"{InputException.Quote(plan.Source.FileName)}: no row can be used. {first.Message}", "dataset.no_usable_rows", InputException.Quote(plan.Source.FileName), first.Message);

    internal static IEnumerable<Warning> RowWarnings(ImportPlan plan, RowCheck check)
    {
        if (plan.Roles.Label is { } label && check.Labels is [var only])
        {
            yield return new(
                "one_label", $"All rows have one label, '{InputException.Quote(only)}' in '{InputException.Quote(label)}'; there is nothing to learn.",
                [InputException.Quote(only), InputException.Quote(label)]);
        }

        if (check.EmptyTextWarning is { } empty)
        {
            yield return empty;
        }

        if (plan.Roles.Text is null)
        {
            yield return new("no_text", "No column of text was found; choose one.", []);
        }

        if (plan.Roles.Label is null)
        {
            yield return new("no_label", "No column of labels was found; choose one to train a classifier.", []);
        }
    }

    private static string HashOf(ImportPlan plan, string sourceHash)
    {
        var recipe = new
        {
            ImportFormat,
            SourceHash = sourceHash,
            Source = plan.Format.Format,
            plan.Roles.Text,
            plan.Roles.TextPair,
            plan.Roles.Label,
            plan.Chosen.LeaveOut,
            plan.Split,
        };
        return ContentHash.Of(JsonSerializer.SerializeToUtf8Bytes(recipe, WireJson.Options));
    }

    private static ImportSurvey Survey(ImportPlan plan, Action<ImportProgress>? progress, CancellationToken cancellation)
    {
        var survey = new ImportSurvey();
        using var stream = plan.Source.OpenUtf8(plan.Format.Format.Encoding!);
        var reader = plan.OpenAll(stream);
        var check = new RowCheck(reader, plan.Roles.Text, plan.Roles.Label, plan.Split.Kind == "column" ? plan.Split.Column : null);
        survey.Check = check;
        var stratified = plan.Split.Kind == "stratified";
        var clock = Stopwatch.StartNew();
        var row = new Row();
        while (reader.Read(row))
        {
            if (check.Passes(row))
            {
                ImportPlan.See(survey.Profiles, reader, row, plan.IsTypedSource);
                survey.Strata.Add(stratified ? check.Label : 0);
                survey.Splits.Add(check.Split);
                survey.Lengths.Add(check.TextLength);
            }
            else
            {
                survey.Problems++;
                survey.FirstProblem ??= row.Problem;
                if (survey.ProblemLines.Count < 5)
                {
                    survey.ProblemLines.Add(row.Line);
                }
            }

            Report(plan, "reading", reader, clock, progress, cancellation);
        }

        while (survey.Profiles.Count < reader.Columns.Count)
        {
            survey.Profiles.Add(new ColumnProfile(reader.Columns[survey.Profiles.Count]));
        }

        return survey.Strata.Count > 0 ? survey : throw NoRows(plan, survey.FirstProblem);
    }

    private static DatasetInfo Describe(ImportPlan plan, ImportSurvey survey, byte[] splits, string hash, string sourceHash)
    {
        var chosen = plan.Chosen;
        var columns = survey.Profiles
            .Select(p => (Profile: p, Role: plan.RoleOf(p.Name)))
            .Where(c => c.Role != ColumnRoles.None)
            .Select(c => new DatasetColumn(c.Profile.Name, ImportPlan.StoredType(c.Profile, c.Role), c.Role));
        var warnings = new List<Warning>([.. plan.Roles.Warnings, .. RowWarnings(plan, survey.Check!)]);
        if (survey.Problems > 0)
        {
            var lines = string.Join(", ", survey.ProblemLines) + (survey.Problems > survey.ProblemLines.Count ? " …" : "");
            var what = survey.Problems == 1 ? "one row was kept aside: line" : $"{survey.Problems} rows were kept aside: lines";
            var file = InputException.Quote(chosen.FileName);
            warnings.Insert(0, new("kept_aside", $"{file}: {what} {lines}.", [file, survey.Problems, lines]));
        }

        var counts = new long[3];
        foreach (var split in splits)
        {
            counts[split]++;
        }

        var labels = LabelOrder.Sort(survey.Check!.Labels);
        return new DatasetInfo
        {
            Hash = hash,
            Name = chosen.Name ?? NameOf(chosen.FileName),
            FileName = InputException.Quote(chosen.FileName, 200),
            SourceHash = sourceHash,
            SourceBytes = plan.Source.Bytes,
            Rows = splits.Length,
            ProblemRows = survey.Problems,
            Columns = [.. columns],
            Task = chosen.Task ?? plan.Roles.Task.Value!,
            TextColumn = plan.Roles.Text,
            TextPairColumn = plan.Roles.TextPair,
            LabelColumn = plan.Roles.Label,
            Labels = labels,
            LabelCounts = labels.ToDictionary(l => l, l => survey.Check.LabelCounts[survey.Check.Labels.IndexOf(l)]),
            SplitCounts = SplitNames.All.Select((name, i) => (name, i)).ToDictionary(s => s.name, s => counts[s.i]),
            Split = plan.Split,
            Lengths = plan.Roles.Text is null ? null : survey.Lengths.ToHistogram(),
            Source = plan.Format.Format,
            Warnings = warnings,
            Created = DateTimeOffset.UtcNow,
        };
    }

    private static async Task WriteAsync(
        ImportPlan plan, DatasetInfo info, ImportSurvey survey, byte[] splits, string folder, Action<ImportProgress>? progress, CancellationToken cancellation)
    {
        var sources = info.Columns.Select(c => survey.Profiles.FindIndex(p => p.Name == c.Name)).ToList();
        using var stream = plan.Source.OpenUtf8(plan.Format.Format.Encoding!);
        var reader = plan.OpenAll(stream);
        var check = new RowCheck(reader, plan.Roles.Text, plan.Roles.Label, plan.Split.Kind == "column" ? plan.Split.Column : null);
        await using var rowsFile = new FileStream(Path.Combine(folder, DatasetInfo.RowsFileName), FileMode.CreateNew, FileAccess.Write, FileShare.None, WriteBuffer);
        await using var problems = new FileStream(Path.Combine(folder, DatasetInfo.ProblemsFileName), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        await using (var writer = await RowsWriter.CreateAsync(rowsFile, info.Columns, cancellation))
        {
            var clock = Stopwatch.StartNew();
            var (row, kept, aside) = (new Row(), 0, 0L);
            while (reader.Read(row))
            {
                if (check.Passes(row) && kept < splits.Length)
                {
                    await writer.AddAsync(kept, SplitNames.All[splits[kept]], row, sources, cancellation);
                    kept++;
                }
                else
                {
                    JsonSerializer.Serialize(problems, row.Problem, WireJson.Options);
                    problems.WriteByte((byte)'\n');
                    aside++;
                }

                Report(plan, "writing", reader, clock, progress, cancellation);
            }

            if (kept != info.Rows || aside != info.ProblemRows)
            {
                throw new InputException($"{InputException.Quote(info.FileName)} changed while it was read; upload it again.", "dataset.changed", InputException.Quote(info.FileName));
            }

            await writer.FlushAsync(cancellation);
        }

        rowsFile.Flush(flushToDisk: true);
        problems.Flush(flushToDisk: true);
    }

    private static void Report(ImportPlan plan, string stage, RowReader reader, Stopwatch clock, Action<ImportProgress>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock.Elapsed < s_progressEvery)
        {
            return;
        }

        clock.Restart();
        // Unpacked text is longer than the upload: the position then says no more than that it goes on.
        progress?.Invoke(new(stage, Math.Min(reader.Position, plan.Source.Bytes), plan.Source.Bytes));
    }

    private static string NameOf(string fileName)
    {
        var name = Path.GetFileName(fileName.Replace('\\', '/'));
        foreach (var ending in new[] { ".gz", ".tgz", ".zip", ".tar", ".csv", ".tsv", ".txt", ".jsonl", ".json" })
        {
            name = name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? name[..^ending.Length] : name;
        }

        return name.Length == 0 ? "data" : InputException.Quote(name);
    }

    /// <summary>What the first reading found.</summary>
    private sealed class ImportSurvey
    {
        internal List<ColumnProfile> Profiles { get; } = [];

        internal List<int> Strata { get; } = [];

        internal List<byte> Splits { get; } = [];

        internal LengthCounter Lengths { get; } = new();

        internal RowCheck? Check { get; set; }

        internal long Problems { get; set; }

        internal RowProblem? FirstProblem { get; set; }

        internal List<long> ProblemLines { get; } = [];
    }
}
