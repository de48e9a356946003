using System.Text.Json;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>Chat templates: read from the folder of their model, and made to render.</summary>
internal static class ChatTemplateCases
{
    private const string UsualMessages = """[{"role":"user","content":"Hello"}]""";

    /// <summary>Variables that are arguments of a rendering and not the template's own.</summary>
    private static readonly HashSet<string> s_arguments = ["messages", "tools", "documents", "add_generation_prompt"];

    public static CaseAnswer Run(HostileCase hostile, Workplace place)
    {
        var templates = ChatTemplates.Load(place.Input);
        if (templates is null)
        {
            return CaseAnswer.Broken("no chat template was found");
        }

        var request = Request(hostile);
        var answer = CaseAnswer.Accepted([]).With("text", Cut(templates.Render(request).Text));
        return hostile.Facts is { } facts && facts.TryGetProperty("token_counts", out var wanted)
            ? answer.With("token_counts", Counts(templates, request, Tokenizer.Load(place.Input), wanted))
            : answer;
    }

    /// <summary>How often a model that is served would read each of these tokens.</summary>
    private static Dictionary<string, int> Counts(ChatTemplates templates, ChatRequest request, Tokenizer tokenizer, JsonElement wanted)
    {
        var ids = ChatTokens.Encode(templates.For(request), request with { SpecialTokens = templates.SpecialTokens }, tokenizer).Encoding.Ids;
        return wanted.EnumerateObject().ToDictionary(t => t.Name, t => ids.Count(id => tokenizer.IdToToken(id) == t.Name));
    }

    private static ChatRequest Request(HostileCase hostile)
    {
        var context = hostile.Context ?? default;
        return new ChatRequest
        {
            Messages = Member(context, "messages") ?? JsonSerializer.Deserialize<JsonElement>(UsualMessages),
            Tools = Member(context, "tools") ?? default,
            Documents = Member(context, "documents") ?? default,
            AddGenerationPrompt = hostile.Context is null || Member(context, "add_generation_prompt") is { ValueKind: JsonValueKind.True },
            Variables = hostile.Context is null ? [] : context.EnumerateObject().Where(v => !s_arguments.Contains(v.Name)).ToDictionary(v => v.Name, v => v.Value),
        };
    }

    private static JsonElement? Member(JsonElement context, string name) =>
        context.ValueKind == JsonValueKind.Object && context.TryGetProperty(name, out var member) ? member : null;

    /// <summary>The answer goes through a pipe; no fact is as long as this.</summary>
    private static string Cut(string text) => text.Length <= 10_000 ? text : text[..10_000];
}
