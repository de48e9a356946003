using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>Uploads of rows: looked into, as the import page does, then imported, and read to the end when they were accepted.</summary>
internal static class DatasetCases
{
    public static async Task<CaseAnswer> RunAsync(HostileCase hostile, Workplace place, Measure measure)
    {
        var import = new DatasetImport { File = place.Input, FileName = hostile.FileName };
        var look = await WorkerJob.RunAsync(WorkerJob.Prepare(place, JobKinds.InspectDataset, import, "2"));
        if (look.Outcome is null)
        {
            return look;
        }

        measure.NextProcess();
        var folder = WorkerJob.Prepare(place, JobKinds.ImportDataset, import);
        var answer = await WorkerJob.RunAsync(folder);
        return answer.Outcome is null or CaseAnswer.Refuse ? answer : await ReadAsync(answer, WorkerJob.Result<DatasetInfo>(folder), place, measure);
    }

    private static async Task<CaseAnswer> ReadAsync(CaseAnswer answer, DatasetInfo info, Workplace place, Measure measure)
    {
        var stored = Path.Combine(place.Store, "datasets", info.Hash);
        var faults = new List<string>();
        var aside = File.ReadLines(Path.Combine(stored, DatasetInfo.ProblemsFileName)).LongCount();
        if (aside != info.ProblemRows)
        {
            faults.Add($"{aside} rows are kept aside where info.json says {info.ProblemRows}");
        }

        answer = (answer with { Shown = [info.Name, info.FileName] }).With("rows_kept", info.Rows).With("rows_aside", info.ProblemRows);
        if (info.TextColumn is null)
        {
            return answer with { Faults = faults };
        }

        var reader = await DatasetReader.OpenAsync(stored);
        var rows = 0L;
        foreach (var split in SplitNames.All)
        {
            measure.NextProcess();
            await foreach (var _ in reader.ReadAsync(split))
            {
                rows++;
            }
        }

        if (rows != info.Rows)
        {
            faults.Add($"{rows} rows can be read where info.json says {info.Rows}");
        }

        measure.NextProcess();
        var last = await reader.ReadRowsAsync([info.Rows - 1]);
        return (answer with { Faults = faults }).With("last_text", last[0].Text);
    }
}
