using System.Diagnostics;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Worker;

/// <summary><c>POST /predict</c>: texts, and for a model of pairs the second text of each.</summary>
internal sealed record PredictRequest
{
    public required IReadOnlyList<string> Texts { get; init; }

    public IReadOnlyList<string?>? TextPairs { get; init; }
}

/// <summary><c>worker serve</c>: one classifier behind HTTP, for the playground and by hand.</summary>
internal static class ServeCommand
{
    private const int MostTexts = 256;
    private const int LongestText = 200_000;

    public static async Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("serve", arguments, ["socket", "port", "threads", "device"], []);
        if (line.Alone is not [var folder])
        {
            throw line.Fault("name the folder of a model");
        }

        TorchThreads.Set(line.Integer("threads", 0));
        using var classifier = TextClassifier.Load(folder, ComputeDevice.Resolve(line.Text("device") ?? ComputeDevice.Cpu));
        using var turn = new SemaphoreSlim(1);   // a second request at the same time would only take the threads of the first
        classifier.Predict(["warm-up"]);
        return await ServingHost.RunAsync(line, app =>
        {
            app.MapPost("/predict", (HttpRequest http) => ServingHost.HandleAsync<PredictRequest>(http, async request =>
            {
                Check(request);
                await turn.WaitAsync(http.HttpContext.RequestAborted);
                try
                {
                    var began = Stopwatch.GetTimestamp();
                    var predictions = classifier.Predict(request.Texts, request.TextPairs);
                    return new { classifier.Labels, Predictions = predictions, Milliseconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 2) };
                }
                finally
                {
                    turn.Release();
                }
            }));
            app.MapPost("/tokenize", (HttpRequest http) => ServingHost.HandleAsync<TokenizeRequest>(http, request => Task.FromResult(request.Answer(classifier.Tokenizer))));
        });
    }

    private static void Check(PredictRequest request)
    {
        if (request.Texts.Count is 0 or > MostTexts)
        {
            throw new InputException($"texts must hold 1 to {MostTexts} texts, not {request.Texts.Count}.", "request.texts", MostTexts, request.Texts.Count);
        }

        if (request.TextPairs is { } pairs && pairs.Count != request.Texts.Count)
        {
            throw new InputException($"text_pairs must hold one text for each of texts ({request.Texts.Count}), not {pairs.Count}.", "request.text_pairs", request.Texts.Count, pairs.Count);
        }

        if (request.Texts.Concat(request.TextPairs ?? []).Any(t => t?.Length > LongestText) || request.Texts.Any(t => t is null))
        {
            throw new InputException($"Each text must be text of at most {LongestText} characters.", "request.too_long", LongestText);
        }
    }
}
