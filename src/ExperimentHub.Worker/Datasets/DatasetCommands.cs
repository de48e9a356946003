using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Datasets;

/// <summary>The same by hand: a job's folder, or a file and options.</summary>
internal static class DatasetCommands
{
    public static Task<int> Inspect(string[] arguments) =>
        arguments is [var folder] && Directory.Exists(folder) ? JobHost.RunAsync(new JobFolder(folder)) : InspectFile(Parse(arguments));

    public static Task<int> Import(string[] arguments) =>
        arguments is [var folder] && Directory.Exists(folder) ? JobHost.RunAsync(new JobFolder(folder)) : ImportFileAsync(Parse(arguments));

    private static Task<int> InspectFile((DatasetImport Chosen, string Store) request)
    {
        var preview = DatasetInspector.Inspect(request.Chosen);
        foreach (var (what, guess) in preview.Guesses)
        {
            Console.WriteLine($"{what,-10} {JsonSerializer.Serialize(guess.Value, WireJson.Options),-12} {guess.Reason}");
        }

        foreach (var column in preview.Columns)
        {
            Console.WriteLine($"column     {InputException.Quote(column.Name),-20} {column.Type,-8} {column.Role,-10} {column.Why.Reason}");
        }

        Console.WriteLine($"{preview.Rows} rows, {preview.ProblemRows} kept aside{(preview.Whole ? "" : " at the beginning of the file")}");
        foreach (var problem in preview.Problems.Take(5))
        {
            Console.WriteLine($"  {problem.Message}");
        }

        return Task.FromResult(0);
    }

    private static async Task<int> ImportFileAsync((DatasetImport Chosen, string Store) request)
    {
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancellation.Cancel();
        };
        DatasetInfo info;
        try
        {
            info = await DatasetImporter.ImportAsync(request.Chosen, request.Store, cancellation: cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled; nothing was stored.");
            return 130;
        }

        Console.WriteLine($"{info.Name}: {info.Rows} rows, {info.ProblemRows} kept aside; {string.Join(", ", info.SplitCounts.Select(s => $"{s.Key} {s.Value}"))}");
        Console.WriteLine($"text '{info.TextColumn}'{(info.TextPairColumn is { } pair ? $" and '{pair}'" : "")}, label '{info.LabelColumn}': {string.Join(", ", info.LabelCounts.Take(20).Select(l => $"{InputException.Quote(l.Key)} {l.Value}"))}");
        foreach (var warning in info.Warnings)
        {
            Console.WriteLine($"! {warning}");
        }

        Console.WriteLine(Path.Combine(request.Store, "datasets", info.Hash));
        return 0;
    }

    private static (DatasetImport Chosen, string Store) Parse(string[] arguments)
    {
        var (file, store) = ("", Path.Combine(Environment.CurrentDirectory, "store"));
        string? text = null, pair = null, label = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--store":
                    store = Path.GetFullPath(value);
                    i++;
                    break;
                case "--map" when value.Split('=', 2) is [var role, var column]:
                    (text, pair, label) = role switch
                    {
                        "text" => (column, pair, label),
                        "text_pair" => (text, column, label),
                        "label" => (text, pair, column),
                        _ => throw new InputException("--map takes text=COLUMN, text_pair=COLUMN or label=COLUMN.", "worker.usage"),
                    };
                    i++;
                    break;
                default:
                    file = arguments[i];
                    break;
            }
        }

        return file.Length > 0
            ? (new DatasetImport { File = Path.GetFullPath(file), FileName = Path.GetFileName(file), TextColumn = text, TextPairColumn = pair, LabelColumn = label }, store)
            : throw new InputException("Name a file or the folder of a job.", "worker.usage");
    }
}
