using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Parity.Chat;

/// <summary>The conversations of one published template: text, refusals, and what the assistant said.</summary>
internal static class TemplateCases
{
    private const string Tokenizer_ = "tokenizers/qwen25-like";

    /// <summary>Fields of a case that are no variables of its template.</summary>
    private static readonly HashSet<string> s_known =
    [
        "name", "messages", "tools", "documents", "add_generation_prompt", "continue_final_message", "special_tokens", "expected", "error", "error_type",
        "error_kind", "generation_spans", "generation_spans_utf16", "input_ids", "assistant_masks",
    ];

    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        var template = new Lazy<ChatTemplate>(() => ChatTemplate.Parse(File.ReadAllText(Path.Combine(path, "template.jinja"))));
        var clock = new Clock(Now(path));
        var tokenizer = new Lazy<(Tokenizer? Tokenizer, string Reason)>(() => Load(folder));
        foreach (var (_, json) in ParityFolder.Lines(Path.Combine(path, "cases.jsonl")))
        {
            var name = $"{folder.Name(path)}/{json.GetProperty("name").GetString()}";
            tally.Case(name, () => Compare(template.Value, json, clock));
            if (!json.TryGetProperty("input_ids", out _))
            {
                continue;
            }

            if (tokenizer.Value.Tokenizer is { } loaded)
            {
                tally.Case($"{name}/tokens", () => CompareTokens(template.Value, loaded, json, clock));
            }
            else
            {
                tally.Skip($"{name}/tokens", tokenizer.Value.Reason);
            }
        }
    }

    private static DateTime Now(string path)
    {
        var file = Path.Combine(path, "meta.json");
        if (!File.Exists(file))
        {
            return Clock.Reference;
        }

        using var meta = JsonDocument.Parse(File.ReadAllBytes(file));
        return meta.RootElement.TryGetProperty("now", out var now) && now.ValueKind == JsonValueKind.String
            ? DateTime.Parse(now.GetString()!, CultureInfo.InvariantCulture)
            : Clock.Reference;
    }

    private static (Tokenizer? Tokenizer, string Reason) Load(ParityFolder folder)
    {
        if (ParityFolder.Find(folder.Root, Tokenizer_) is not { } path)
        {
            return (null, $"there is no {Tokenizer_}");
        }

        try
        {
            return (Tokenizer.Load(path), "");
        }
        catch (InputException e)
        {
            return (null, $"{Tokenizer_} cannot be loaded yet ({e.Message.TrimEnd('.')})");
        }
    }

    private static ChatRequest Request(JsonElement json) => new()
    {
        Messages = json.GetProperty("messages"),
        Tools = json.TryGetProperty("tools", out var tools) ? tools : default,
        Documents = json.TryGetProperty("documents", out var documents) ? documents : default,
        AddGenerationPrompt = json.TryGetProperty("add_generation_prompt", out var prompt) && prompt.GetBoolean(),
        ContinueFinalMessage = json.TryGetProperty("continue_final_message", out var going) && going.ValueKind is not (JsonValueKind.False or JsonValueKind.Null),
        ContinueField = going.ValueKind == JsonValueKind.String ? going.GetString()! : "content",
        SpecialTokens = json.TryGetProperty("special_tokens", out var tokens) ? tokens.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString()!) : [],
        Variables = json.EnumerateObject().Where(f => !s_known.Contains(f.Name)).ToDictionary(f => f.Name, f => f.Value),
    };

    private static string? Compare(ChatTemplate template, JsonElement json, Clock clock)
    {
        RenderedChat chat;
        try
        {
            chat = template.Render(Request(json), clock);
        }
        catch (InputException e)
        {
            return Refused(json, e);
        }

        if (json.TryGetProperty("error", out var error))
        {
            return $"renders {chat.Text.Length} characters instead of failing with: {error.GetString()}";
        }

        return Difference.Text(json.GetProperty("expected").GetString()!, chat.Text)
            ?? (json.TryGetProperty("generation_spans", out var points) ? Difference.Spans(points, chat.CodePointSpans) : null)
            ?? (json.TryGetProperty("generation_spans_utf16", out var units) ? Difference.Spans(units, chat.Spans) : null);
    }

    private static string? Refused(JsonElement json, InputException e)
    {
        if (!json.TryGetProperty("error", out var error))
        {
            return $"fails: {e.Message}";
        }

        var isRaised = json.GetProperty("error_kind").GetString() == "raised";
        return isRaised != (e.Code == "chat_template.raised") ? $"fails otherwise: {e.Message}"
            : isRaised ? Difference.Text(error.GetString()!, (string)e.Arguments[0])
            : null;
    }

    /// <summary>A token counts as the assistant's from the one that holds the first character of a span to the one that holds its last.</summary>
    private static string? CompareTokens(ChatTemplate template, Tokenizer tokenizer, JsonElement json, Clock clock)
    {
        var chat = template.Render(Request(json), clock);
        var tokens = tokenizer.Encode(chat.Text, null, new EncodeOptions { AddSpecialTokens = false });
        var ids = json.GetProperty("input_ids").EnumerateArray().Select(i => i.GetInt32()).ToList();
        var masks = json.GetProperty("assistant_masks").EnumerateArray().Select(m => m.GetInt32()).ToList();
        var found = new int[tokens.Ids.Length];
        foreach (var span in chat.Spans)
        {
            var first = TokenAt(tokens, span.Start);
            if (first < 0)
            {
                break;
            }

            var last = TokenAt(tokens, span.End - 1);
            Array.Fill(found, 1, first, Math.Max(0, (last > 0 ? last : found.Length - 1) + 1 - first));
        }

        return First("id", ids, tokens.Ids) ?? First("mask", masks, found);
    }

    private static int TokenAt(TokenEncoding tokens, int unit)
    {
        for (var i = 0; i < tokens.Ids.Length; i++)
        {
            if (tokens.Starts[i] <= unit && unit < tokens.Ends[i])
            {
                return i;
            }
        }

        return -1;
    }

    private static string? First(string what, List<int> expected, int[] found)
    {
        for (var i = 0; i < Math.Max(expected.Count, found.Length); i++)
        {
            if (i >= expected.Count || i >= found.Length || expected[i] != found[i])
            {
                return $"{what} {i} of {expected.Count} is {(i < found.Length ? found[i] : "missing")} instead of {(i < expected.Count ? expected[i] : "none")}";
            }
        }

        return null;
    }
}
