using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>What a person changes on the import page: over the guesses, which stay where nothing was changed.</summary>
public sealed class ImportDraft
{
    private readonly Dictionary<string, string> _roles = new(StringComparer.Ordinal);

    public string Name { get; set; } = "";

    public SourceFormat Source { get; set; } = new();

    public string SplitKind { get; set; } = "stratified";

    public string? SplitColumn { get; set; }

    public int TrainPercent { get; set; } = 80;

    public int ValidationPercent { get; set; } = 10;

    public long Seed { get; set; } = 42;

    public int TestPercent => 100 - TrainPercent - ValidationPercent;

    public bool SharesAreRight => TrainPercent > 0 && ValidationPercent >= 0 && TestPercent >= 0;

    public bool ChangedRoles => _roles.Count > 0;

    /// <summary>Takes over the guesses about the split when a file was looked at for the first time.</summary>
    public void Begin(DatasetPreview preview)
    {
        Name = Name.Length > 0 ? Name : Path.GetFileNameWithoutExtension(preview.FileName);
        (SplitKind, SplitColumn) = (preview.Split.Kind, preview.Split.Column);
    }

    public string RoleOf(PreviewColumn column) => _roles.GetValueOrDefault(column.Name, column.Role);

    /// <summary>A role that only one column can have is taken from the one that had it.</summary>
    public void SetRole(DatasetPreview preview, PreviewColumn column, string role)
    {
        if (role is not (ColumnRoles.Other or ColumnRoles.None))
        {
            foreach (var other in preview.Columns.Where(c => c != column && RoleOf(c) == role))
            {
                _roles[other.Name] = ColumnRoles.Other;
            }
        }

        _roles[column.Name] = role;
        if (role == ColumnRoles.Split)
        {
            (SplitKind, SplitColumn) = ("column", column.Name);
        }
        else if (SplitColumn == column.Name)
        {
            (SplitKind, SplitColumn) = ("stratified", null);
        }
    }

    public string? ColumnWith(DatasetPreview preview, string role) => preview.Columns.FirstOrDefault(c => RoleOf(c) == role)?.Name;

    /// <summary>The way to read the file only: what columns there are depends on it.</summary>
    public JsonObject SourceSettings() => new() { ["source"] = JsonSerializer.SerializeToNode(Source, WireJson.Options) };

    /// <summary>Everything, as <c>import_dataset</c> takes it.</summary>
    public JsonObject Settings(DatasetPreview preview)
    {
        var settings = new JsonObject
        {
            ["source"] = JsonSerializer.SerializeToNode(preview.Source, WireJson.Options),
            ["task"] = preview.Task,
            ["text_column"] = ColumnWith(preview, ColumnRoles.Text) ?? "",
            ["text_pair_column"] = ColumnWith(preview, ColumnRoles.TextPair) ?? "",
            ["label_column"] = ColumnWith(preview, ColumnRoles.Label) ?? "",
            ["leave_out"] = new JsonArray([.. preview.Columns.Where(c => RoleOf(c) == ColumnRoles.None).Select(c => (JsonNode)c.Name)]),
        };
        settings["split"] = JsonSerializer.SerializeToNode(
            SplitKind == "column"
                ? new SplitSettings { Kind = "column", Column = SplitColumn }
                : new SplitSettings { Kind = SplitKind, Train = TrainPercent / 100.0, Validation = ValidationPercent / 100.0, Test = TestPercent / 100.0, Seed = Seed },
            WireJson.Options);
        return settings;
    }
}
