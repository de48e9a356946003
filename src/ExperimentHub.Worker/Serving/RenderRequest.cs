using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>POST /render</c>: a conversation as a model's chat template writes it, and as its tokenizer reads that.</summary>
internal sealed record RenderRequest
{
    private const int LongestTemplate = 200_000;

    /// <summary>The model by content hash.</summary>
    public string? Model { get; init; }

    /// <summary>The template to try; null: the model's own.</summary>
    public string? Template { get; init; }

    /// <summary>An array of messages.</summary>
    public JsonElement Messages { get; init; }

    /// <summary>An array of schemas, or nothing.</summary>
    public JsonElement Tools { get; init; }

    public bool AddGenerationPrompt { get; init; }

    /// <exception cref="InputException">There is no template, or it cannot be read, or it refuses the conversation.</exception>
    public object Answer(Tokenizer tokenizer, ChatTemplates? own)
    {
        if (Messages.ValueKind != JsonValueKind.Array)
        {
            throw new InputException("messages must be a list of objects with role and content.", "chat_template.messages");
        }

        if (Template?.Length > LongestTemplate)
        {
            throw new InputException($"A chat template may have at most {LongestTemplate} characters.", "chat_template.too_long", LongestTemplate);
        }

        var request = new ChatRequest
        {
            Messages = Messages,
            Tools = Tools,
            AddGenerationPrompt = AddGenerationPrompt,
            SpecialTokens = own?.SpecialTokens ?? NamesOf(tokenizer),
        };
        var template = Template is not null ? ChatTemplate.Parse(Template)
            : own?.For(request) ?? throw new InputException("This model has no chat template; write one.", "chat_template.none");
        var (rendered, encoding, learned) = ChatTokens.Encode(template, request, tokenizer);
        return new
        {
            Template = template.Source,
            rendered.Text,
            Spans = rendered.Spans.Select(s => new { s.Start, s.End }),
            Tokens = Enumerable.Range(0, encoding.Length).Select(i => ShownToken.Of(tokenizer, encoding, i, learned[i])),
        };
    }

    /// <summary>A folder without a template names its special tokens in the tokenizer alone.</summary>
    private static Dictionary<string, string> NamesOf(Tokenizer tokenizer)
    {
        var special = tokenizer.Special;
        return new (string Role, int? Id)[]
        {
            ("bos_token", special.Beginning), ("eos_token", special.End), ("pad_token", special.Pad), ("unk_token", special.Unknown),
            ("cls_token", special.Classification), ("sep_token", special.Separator), ("mask_token", special.Mask),
        }
        .Where(t => t.Id is not null && tokenizer.IdToToken(t.Id.Value) is not null)
        .ToDictionary(t => t.Role, t => tokenizer.IdToToken(t.Id!.Value)!);
    }
}
