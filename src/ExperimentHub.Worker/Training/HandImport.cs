using ExperimentHub.Engine.Datasets;

namespace ExperimentHub.Worker;

/// <summary>Imports a file that was named on the command line, with the columns that <c>--map</c> names.</summary>
internal static class HandImport
{
    /// <summary>Gives the data set's folder in <paramref name="store"/>; without <paramref name="split"/> all rows are training rows.</summary>
    public static async Task<string> ImportAsync(CommandLine line, string file, string store, bool split)
    {
        var import = new DatasetImport
        {
            File = Path.GetFullPath(file),
            FileName = Path.GetFileName(file),
            Split = split ? null : new SplitSettings { Kind = "random", Train = 1, Validation = 0, Test = 0 },
        };
        foreach (var map in line.All("map"))
        {
            import = map.Split('=', 2) switch
            {
                ["text", var column] => import with { TextColumn = column },
                ["text_pair", var column] => import with { TextPairColumn = column },
                ["label", var column] => import with { LabelColumn = column },
                _ => throw line.Fault("--map takes text=COLUMN, text_pair=COLUMN or label=COLUMN"),
            };
        }

        var info = await DatasetImporter.ImportAsync(import, store);
        return Path.Combine(store, "datasets", info.Hash);
    }
}
