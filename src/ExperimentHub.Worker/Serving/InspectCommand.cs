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
        Tuple<string, VocabularyList>? looked = null;
        var tokenizers = new ConcurrentDictionary<string, Tokenizer>(StringComparer.Ordinal);
        return ServingHost.RunAsync(line, app =>
        {
            app.MapPost("/tokenize", (HttpRequest http) => ServingHost.HandleAsync<TokenizeRequest>(http, request => Task.FromResult(request.Answer(TokenizerOf(request.Model)))));
            app.MapPost("/count", (HttpRequest http) => ServingHost.HandleAsync<CountRequest>(http, request => Task.FromResult(request.Answer(TokenizerOf(request.Model)))));
            app.MapPost("/vocabulary", (HttpRequest http) => ServingHost.HandleAsync<VocabularyRequest>(http, request => Task.FromResult(request.Answer(VocabularyOf(request.Model)))));
            app.MapPost("/roles", (HttpRequest http) => ServingHost.HandleAsync<RolesRequest>(http, request => Task.FromResult<object>(RolesRequest.Answer(TokenizerOf(request.Model)))));
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

        // Thousands of texts a vocabulary: only the one that somebody looks through is kept.
        VocabularyList VocabularyOf(string? model)
        {
            if (looked is not { } last || last.Item1 != model)
            {
                looked = last = Tuple.Create(model!, new VocabularyList(TokenizerOf(model)));
            }

            return last.Item2;
        }

        string FolderOf(string? model) => TokenizerStore.Find(store, model)
            ?? throw new InputException("The model is not in the store; name it by its content hash.", "model.missing");
    }
}
