using System.Text.Json;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat;

/// <summary>
/// The variables that a template sees. Fields of a message that are null are dropped, and reasoning is given under each of the names
/// that templates know, as transformers 5 does both.
/// </summary>
internal sealed class ChatVariables
{
    /// <summary>Names of the reasoning in a message; the first that is there fills the others that templates read.</summary>
    internal static readonly string[] ReasoningFields = ["reasoning_content", "thinking", "reasoning"];

    private readonly JsonValues _json = new();

    public ChatVariables(ChatRequest request, string template)
    {
        if (request.Messages.ValueKind != JsonValueKind.Array || request.Messages.GetArrayLength() == 0)
        {
            throw new InputException("The conversation has no messages; give at least one.", "chat.no_messages");
        }

        if (request.ContinueFinalMessage && request.AddGenerationPrompt)
        {
            throw new InputException(
                "A conversation can end with the header of a new answer or within its last message, not with both; choose one.", "chat.two_endings");
        }

        var messages = request.Messages.EnumerateArray().Select(Message).ToList();
        if (request.ContinueFinalMessage)
        {
            Final = FinalMessage.Mark(messages, request.ContinueField, template);
        }

        var variables = new Dictionary<string, Value>();
        foreach (var (name, token) in request.SpecialTokens)
        {
            variables[name] = _json.Text(token);
        }

        foreach (var (name, value) in request.Variables)
        {
            variables[name] = _json.Convert(value);
        }

        variables["messages"] = new ListValue([.. messages]);
        variables["tools"] = Objects(request.Tools, "tools");
        variables["documents"] = Objects(request.Documents, "documents");
        variables["add_generation_prompt"] = BoolValue.Of(request.AddGenerationPrompt);
        Variables = variables;
    }

    public IReadOnlyDictionary<string, Value> Variables { get; }

    /// <summary>How much text there is in the values.</summary>
    public long Length => _json.Length;

    /// <summary>Where the text is to be cut; null for a conversation that is rendered whole.</summary>
    public FinalMessage? Final { get; }

    private DictValue Message(JsonElement json, int index)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"Message {index + 1} is no JSON object; a message has a role and a content.", "chat.message", index + 1);
        }

        var message = new DictValue();
        var reasoning = ReasoningFields
            .Select(f => json.TryGetProperty(f, out var field) && field.ValueKind != JsonValueKind.Null ? field : (JsonElement?)null)
            .FirstOrDefault(f => f is not null);
        if (reasoning is { } thought)
        {
            message.Set(StrValue.Of("thinking"), _json.Convert(thought));
        }

        foreach (var field in json.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Null)
            {
                message.Set(_json.Text(field.Name), _json.Convert(field.Value));
            }
        }

        if (reasoning is { } content)
        {
            message.Set(StrValue.Of("reasoning_content"), _json.Convert(content));
        }

        return message;
    }

    private Value Objects(JsonElement json, string name)
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return NoneValue.None;
        }

        return json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Object)
            ? _json.Convert(json)
            : throw new InputException($"'{name}' must be a list of JSON objects.", "chat.objects", name);
    }
}
