using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Hostile.Cases;
using ExperimentHub.Hostile.Pack;
using ExperimentHub.Worker;

namespace ExperimentHub.Hostile;

/// <summary>The other side of <see cref="CaseProcess"/>: runs the cases that stand on its input, measured, and answers each with a line.</summary>
internal static class CaseHost
{
    public const string Switch = "--case-host";

    public static async Task<int> RunAsync()
    {
        var answers = Console.Out;
        Console.SetOut(TextWriter.Null);
        TorchThreads.Set(0);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonSerializer.Deserialize<CaseRequest>(line)!;
            var place = new Workplace(request.Root);
            Environment.CurrentDirectory = place.Current;
            var measure = Measure.Start();
            var answer = await AnswerAsync(request.Case, place, measure);
            var (seconds, megabytes) = measure.Stop();
            answer = answer with { Seconds = seconds, Megabytes = megabytes };
            Environment.CurrentDirectory = AppContext.BaseDirectory;
            await answers.WriteLineAsync(JsonSerializer.Serialize(answer));
            await answers.FlushAsync();
        }

        return 0;
    }

    private static async Task<CaseAnswer> AnswerAsync(HostileCase hostile, Workplace place, Measure measure)
    {
        try
        {
            return hostile switch
            {
                { Kind: "dataset" } or { Kind: "archive", ImportAs: "dataset" } => await DatasetCases.RunAsync(hostile, place, measure),
                { Kind: "model" } or { Kind: "archive" } => await ModelCases.RunAsync(hostile, place),
                { Kind: "adapter" } => AdapterCases.Run(place),
                { Kind: "tokenizer" } => TokenizerCases.Run(hostile, place),
                { Kind: "chat_template" } => ChatTemplateCases.Run(hostile, place),
                { Kind: "run_config" } => await RunConfigCases.RunAsync(hostile, place),
                { Kind: "protocol" } when hostile.As == "control.jsonl" => ControlCases.Run(hostile, place),
                _ => await EventsCases.RunAsync(hostile, place),
            };
        }
        catch (InputException e)
        {
            return CaseAnswer.Refused(e.Message);
        }
        catch (Exception e)
        {
            return CaseAnswer.Broken($"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}");
        }
    }
}
