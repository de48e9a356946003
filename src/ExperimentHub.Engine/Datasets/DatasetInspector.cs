namespace ExperimentHub.Engine.Datasets;

/// <summary>Looks at the beginning of an uploaded file and says what it would become, with the reason of every guess.</summary>
public static class DatasetInspector
{
    private const int PreviewRows = 30;
    private const int ProblemsShown = 100;
    private const int LongestCell = 600;

    /// <exception cref="InputException">The file holds no rows that can be used.</exception>
    public static DatasetPreview Inspect(DatasetImport chosen)
    {
        var plan = ImportPlan.Make(chosen);
        var (preview, problems) = (new List<PreviewRow>(), new List<RowProblem>());
        var lengths = new LengthCounter();
        long rows = 0;
        long problemRows = 0;
        var reader = plan.OpenSample();
        var check = new RowCheck(reader, plan.Roles.Text, plan.Roles.Label, plan.Split.Kind == "column" ? plan.Split.Column : null);
        plan.ReadSample(reader, row =>
        {
            if (check.Passes(row))
            {
                rows++;
                lengths.Add(check.TextLength);
            }
            else
            {
                problemRows++;
                if (problems.Count < ProblemsShown)
                {
                    problems.Add(row.Problem!);
                }
            }

            if (preview.Count < PreviewRows)
            {
                preview.Add(new PreviewRow(row.Line, [.. Enumerable.Range(0, row.Problem is null ? reader.Columns.Count : 0).Select(i => Cut(row.Text(i, LongestCell + 1)))], row.Problem));
            }
        });
        if (rows + problemRows == 0)
        {
            throw DatasetImporter.NoRows(plan, null);
        }

        var guesses = plan.Format.Guesses.ToDictionary();
        guesses["task"] = plan.Roles.Task;
        guesses["split"] = plan.Split.Kind == "column"
            ? new Guess("column", "split_column", $"The column '{InputException.Quote(plan.Split.Column)}' says it.", [InputException.Quote(plan.Split.Column)])
            : new Guess(plan.Split.Kind, "split_shares", "The same shares of each label in every part, dealt out by the seed.", []);
        var order = LabelOrder.Sort(check.Labels);
        return new DatasetPreview
        {
            FileName = chosen.FileName,
            SourceBytes = plan.Source.Bytes,
            Rows = rows,
            ProblemRows = problemRows,
            Whole = plan.Whole,
            Source = plan.Format.Format,
            Guesses = guesses,
            Task = chosen.Task ?? plan.Roles.Task.Value!,
            Columns = [.. plan.Profiles.Select(p => Describe(plan, p))],
            Preview = preview,
            Problems = problems,
            LabelCounts = order.ToDictionary(l => l, l => check.LabelCounts[check.Labels.IndexOf(l)]),
            Lengths = plan.Roles.Text is null ? null : lengths.ToHistogram(),
            Split = plan.Split,
            Warnings = [.. plan.Roles.Warnings, .. DatasetImporter.RowWarnings(plan, check)],
        };
    }

    private static PreviewColumn Describe(ImportPlan plan, ColumnProfile column)
    {
        var (role, why) = plan.Roles[column];
        return new PreviewColumn(column.Name, ImportPlan.StoredType(column, role), role, why)
        {
            Examples = column.FirstValues,
            Missing = column.Missing,
            Different = column.Values?.Count,
            MeanLength = Math.Round(column.MeanLength, 1),
        };
    }

    private static string? Cut(string? cell) => cell is null || cell.Length <= LongestCell ? cell : cell[..(char.IsHighSurrogate(cell[LongestCell - 1]) ? LongestCell - 1 : LongestCell)] + "…";
}
