using ExperimentHub.Engine.Datasets.Reading;

namespace ExperimentHub.Engine.Datasets;

/// <summary>How a file will be imported: what a person chose, and for the rest what its first megabytes say.</summary>
internal sealed class ImportPlan
{
    internal const int SampleBytes = 8 << 20;

    private ImportPlan(DatasetImport chosen, SourceFile source, ReadOnlyMemory<byte> raw, bool whole)
    {
        Chosen = chosen;
        Source = source;
        Whole = whole;
        Format = FormatGuess.Of(source, raw, whole, chosen.Source);
        Profiles = Profile();
        Roles = RoleGuess.Of(Profiles, chosen);
        Split = chosen.Split ?? (Roles.Split is { } column ? new SplitSettings { Kind = "column", Column = column } : new SplitSettings { Kind = Roles.Label is null ? "random" : "stratified" });
        if (Split.Kind is not ("stratified" or "random" or "column"))
        {
            throw new InputException("The split must be stratified, random or column.", "dataset.split_kind");
        }
    }

    internal DatasetImport Chosen { get; }

    internal SourceFile Source { get; }

    /// <summary>True when the sample is the whole file.</summary>
    internal bool Whole { get; }

    internal FormatGuess Format { get; }

    /// <summary>Columns by the sample.</summary>
    internal IReadOnlyList<ColumnProfile> Profiles { get; }

    internal RoleGuess Roles { get; }

    internal SplitSettings Split { get; }

    internal bool IsTypedSource => Format.Format.Format != FormatGuess.Csv;

    internal static ImportPlan Make(DatasetImport chosen)
    {
        var source = SourceFile.Open(chosen.File, chosen.FileName);
        var (raw, whole) = source.Sample(SampleBytes);
        return new ImportPlan(chosen, source, raw, whole);
    }

    internal RowReader OpenSample() => Format.Open(new ByteWindow(Format.Sample));

    internal RowReader OpenAll(Stream utf8) => Format.Open(new ByteWindow(utf8));

    /// <summary>Reads the sample; a row that the sample's end cuts is not given.</summary>
    internal void ReadSample(RowReader reader, Action<Row> use)
    {
        var (row, next) = (new Row(), new Row());
        var has = TryRead(reader, row);
        while (has)
        {
            has = TryRead(reader, next);
            if (has || Whole)
            {
                use(row);
            }

            (row, next) = (next, row);
        }
    }

    private bool TryRead(RowReader reader, Row row)
    {
        try
        {
            return reader.Read(row);
        }
        catch (InputException) when (!Whole)
        {
            return false;   // the list of a JSON file does not end within the sample
        }
    }

    private List<ColumnProfile> Profile()
    {
        var profiles = new List<ColumnProfile>();
        var reader = OpenSample();
        ReadSample(reader, row =>
        {
            if (row.Problem is null)
            {
                See(profiles, reader, row, IsTypedSource);
            }
        });
        while (profiles.Count < reader.Columns.Count)
        {
            profiles.Add(new ColumnProfile(reader.Columns[profiles.Count]));
        }

        return profiles;
    }

    internal static void See(List<ColumnProfile> profiles, RowReader reader, Row row, bool typedSource)
    {
        while (profiles.Count < reader.Columns.Count)
        {
            profiles.Add(new ColumnProfile(reader.Columns[profiles.Count]));
        }

        for (var i = 0; i < profiles.Count; i++)
        {
            profiles[i].See(row, i, typedSource);
        }
    }

    /// <summary>The type in which a column is stored. Texts stay as they are written; labels are whole numbers or text.</summary>
    internal static string StoredType(ColumnProfile column, string role) => role switch
    {
        ColumnRoles.Text or ColumnRoles.TextPair => ColumnTypes.Text,
        ColumnRoles.Label => column.Type == ColumnTypes.Integer ? ColumnTypes.Integer : ColumnTypes.Text,
        _ => column.Type,
    };

    /// <summary>The role by the sample; a column that the sample did not show has none of its own.</summary>
    internal string RoleOf(string column) => Profiles.FirstOrDefault(p => p.Name == column) is { } profile ? Roles[profile].Role : ColumnRoles.Other;
}
