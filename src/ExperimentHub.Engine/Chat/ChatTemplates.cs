using System.Text.Json;

namespace ExperimentHub.Engine.Chat;

/// <summary>The chat templates of a model, and the special tokens that they write.</summary>
public sealed class ChatTemplates
{
    /// <summary>The template that is taken where a conversation asks for none by name.</summary>
    public const string DefaultName = "default";

    private const string ToolName = "tool_use";

    internal ChatTemplates(IReadOnlyDictionary<string, ChatTemplate> byName, IReadOnlyDictionary<string, string> specialTokens)
    {
        ByName = byName;
        SpecialTokens = specialTokens;
    }

    /// <summary>Most models have one, named <see cref="DefaultName"/>.</summary>
    public IReadOnlyDictionary<string, ChatTemplate> ByName { get; }

    /// <summary>Such as <c>bos_token</c>; each is a variable of the templates.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; }

    /// <summary>Reads the templates of a Hugging Face folder: <c>chat_template.jinja</c> with <c>additional_chat_templates/</c>, or <c>tokenizer_config.json</c>.</summary>
    /// <returns>null if the model has none.</returns>
    /// <exception cref="InputException">A template is damaged.</exception>
    public static ChatTemplates? Load(string folder) => ChatTemplateFolder.Read(folder);

    /// <summary>The template for a conversation: the one named, else the one for tools where there are some, else the default.</summary>
    public ChatTemplate For(ChatRequest request, string? name = null)
    {
        var hasTools = request.Tools.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
        return ByName.GetValueOrDefault(name ?? (hasTools && ByName.ContainsKey(ToolName) ? ToolName : DefaultName))
            ?? throw new InputException(
                $"This model has no chat template '{InputException.Quote(name ?? DefaultName)}'; choose one of {Names}.", "chat_template.name", InputException.Quote(name ?? DefaultName), Names);
    }

    /// <summary>Renders a conversation with the special tokens of the model, where it brings none of its own.</summary>
    public RenderedChat Render(ChatRequest request, string? name = null, TimeProvider? clock = null)
    {
        var tokens = new Dictionary<string, string>(SpecialTokens);
        foreach (var (role, token) in request.SpecialTokens)
        {
            tokens[role] = token;
        }

        return For(request, name).Render(request with { SpecialTokens = tokens }, clock);
    }

    private string Names => string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal).Take(10).Select(n => InputException.Quote(n, 30)));
}
