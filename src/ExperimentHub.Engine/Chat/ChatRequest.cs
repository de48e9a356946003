using System.Text.Json;

namespace ExperimentHub.Engine.Chat;

/// <summary>A conversation to render, and what its template may ask for; as the arguments of transformers' <c>apply_chat_template</c>.</summary>
public sealed record ChatRequest
{
    /// <summary>A JSON array of messages. Every field of a message reaches the template, in the order of the JSON text.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>A JSON array of JSON schemas; undefined or null where there are none.</summary>
    public JsonElement Tools { get; init; }

    /// <summary>A JSON array of objects, usually with <c>title</c> and <c>text</c>; undefined or null where there are none.</summary>
    public JsonElement Documents { get; init; }

    /// <summary>Ends the text with the header of an answer of the assistant.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Ends the text within the last message, so that a model goes on with it.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Which field of the last message is gone on with: <c>content</c>, or one that holds reasoning.</summary>
    public string ContinueField { get; init; } = "content";

    /// <summary>Such as <c>bos_token</c>; each is a variable of the template.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Further variables, such as <c>enable_thinking</c>; they go before special tokens of the same name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>A request for simple messages.</summary>
    public static ChatRequest Of(params IEnumerable<ChatMessage> messages) =>
        new() { Messages = JsonSerializer.SerializeToElement(messages.Select(m => new { role = m.Role, content = m.Content })) };
}
