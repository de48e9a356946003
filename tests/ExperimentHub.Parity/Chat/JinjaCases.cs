using System.Text.Json;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Chat.Jinja;

namespace ExperimentHub.Parity.Chat;

/// <summary>Snippets of Jinja, rendered without a conversation around them.</summary>
internal static class JinjaCases
{
    private const string File_ = "jinja_cases.jsonl";

    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var (line, json) in ParityFolder.Lines(Path.Combine(path, File_)))
        {
            tally.Case($"{folder.Name(path)}/{File_}/{line}", () => Compare(json));
        }
    }

    private static string? Compare(JsonElement json)
    {
        try
        {
            var chat = Render(json);
            return json.TryGetProperty("error", out var error)
                ? $"renders {JsonSerializer.Serialize(chat.Text)} instead of failing with: {error.GetString()}"
                : Difference.Text(json.GetProperty("expected").GetString()!, chat.Text)
                    ?? (json.TryGetProperty("generation_spans", out var spans) ? Difference.Spans(spans, chat.CodePointSpans) : null);
        }
        catch (TemplateFault fault)
        {
            var isRaised = fault.Kind == FaultKind.Raised;
            return !json.TryGetProperty("error", out var error) ? $"fails in line {fault.Line}: {fault.Message}"
                : isRaised != (json.GetProperty("error_kind").GetString() == "raised") ? $"fails otherwise: {fault.Message}"
                : isRaised ? Difference.Text(error.GetString()!, fault.Message)
                : null;
        }
    }

    private static RenderedChat Render(JsonElement json)
    {
        var values = new JsonValues();
        var context = json.TryGetProperty("context", out var given)
            ? given.EnumerateObject().ToDictionary(v => v.Name, v => values.Convert(v.Value))
            : [];
        var (text, spans) = new Template(json.GetProperty("template").GetString()!).Render(context, values.Length, Clock.Reference);
        return RenderedChat.Of(text, spans);
    }
}
