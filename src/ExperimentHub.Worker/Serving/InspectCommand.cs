using System.Collections.Concurrent;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>worker inspect</c>: quick questions about the store's models, without torch; the hub keeps one running.</summary>
internal static class InspectCommand
{
    private const int MostTokenizers = 16;

    public static Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("inspect", arguments, ["socket", "port", "store"], []);
        var store = Path.GetFullPath(line.Required("store"));
        var tokenizers = new ConcurrentDictionary<string, Tokenizer>(StringComparer.Ordinal);
        return ServingHost.RunAsync(line, app =>
        {
            app.MapPost("/tokenize", (HttpRequest http) => ServingHost.HandleAsync<TokenizeRequest>(http, request => Task.FromResult(request.Answer(TokenizerOf(request.Model)))));
            app.MapPost("/count", (HttpRequest http) => ServingHost.HandleAsync<CountRequest>(http, request => Task.FromResult(request.Answer(TokenizerOf(request.Model)))));
            app.MapPost("/render", (HttpRequest http) => ServingHost.HandleAsync<RenderRequest>(http, request =>
                Task.FromResult(request.Answer(TokenizerOf(request.Model), ChatTemplates.Load(FolderOf(request.Model))))));
        });

        Tokenizer TokenizerOf(string? model)
        {
            var folder = FolderOf(model);
            if (tokenizers.Count >= MostTokenizers)
            {
                tokenizers.Clear();   // they load in tens of milliseconds; what matters is that memory stays bounded
            }

            return tokenizers.GetOrAdd(model!, _ => Tokenizer.Load(folder));
        }

        string FolderOf(string? model) => ContentHash.IsValid(model) && Path.Combine(store, "models", model!) is var folder && Directory.Exists(folder)
            ? folder
            : throw new InputException("The model is not in the store; name it by its content hash.", "model.missing");
    }
}
