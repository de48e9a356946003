using System.Text;
using System.Text.Json;

namespace ExperimentHub.Engine.Chat;

/// <summary>
/// Keeps special tokens that people wrote into a conversation from being read as such. A letter that occurs nowhere else is put into each
/// of them before the template sees it, and taken out of what the template wrote; the places where it stood are where no token may be.
/// The template handles the text as any other, so whatever it does with it, the places come along.
/// </summary>
internal sealed class LiteralTokens
{
    // Letters without upper and lower case that Python prints as they are; nobody's template or text has all of them.
    private const char FirstLetter = '\uA000';
    private const char LastLetter = '\uA48C';

    private readonly IReadOnlyList<string> _tokens;
    private readonly char _letter;

    private LiteralTokens(IReadOnlyList<string> tokens, char letter) => (_tokens, _letter) = (tokens, letter);

    /// <summary>null where the conversation has no special token in it.</summary>
    public static LiteralTokens? In(ChatRequest request, IReadOnlyList<string> tokens, string template)
    {
        // A token of one character cannot be told from that character.
        tokens = [.. tokens.Where(t => t.Length > 1)];
        var texts = new List<string>();
        foreach (var json in (JsonElement[])[request.Messages, request.Tools, request.Documents, .. request.Variables.Values])
        {
            Collect(json, texts);
        }

        if (!texts.Exists(text => tokens.Any(t => text.Contains(t, StringComparison.Ordinal))))
        {
            return null;
        }

        var used = texts.Append(template).SelectMany(t => t).Where(c => c is >= FirstLetter and <= LastLetter).ToHashSet();
        for (var letter = FirstLetter; letter <= LastLetter; letter++)
        {
            if (!used.Contains(letter))
            {
                return new LiteralTokens(tokens, letter);
            }
        }

        throw new InputException("The conversation has special tokens of the model in it; take them out.", "chat.special_tokens");
    }

    /// <summary>The conversation with the letter in each special token.</summary>
    public ChatRequest Mark(ChatRequest request) => request with
    {
        Messages = Mark(request.Messages),
        Tools = Mark(request.Tools),
        Documents = Mark(request.Documents),
        Variables = request.Variables.ToDictionary(v => v.Key, v => Mark(v.Value)),
    };

    /// <summary>What was rendered, without the letter, and where it stood (UTF-16).</summary>
    public (RenderedChat Rendered, IReadOnlyList<int> Cuts) Unmark(RenderedChat rendered)
    {
        var text = new StringBuilder(rendered.Text.Length);
        var cuts = new List<int>();
        var before = new int[rendered.Text.Length + 1];   // letters before each place
        for (var i = 0; i < rendered.Text.Length; i++)
        {
            before[i] = i - text.Length;
            if (rendered.Text[i] == _letter)
            {
                cuts.Add(text.Length);
            }
            else
            {
                text.Append(rendered.Text[i]);
            }
        }

        before[^1] = rendered.Text.Length - text.Length;
        var spans = rendered.Spans.Select(s => (Start: s.Start - before[s.Start], End: s.End - before[s.End])).ToList();
        var plain = text.ToString();
        var points = spans.ConvertAll(s => (s.Start, Jinja.Values.CodePointText.Count(plain.AsSpan(s.Start, s.End - s.Start))));
        return (RenderedChat.Of(plain, points), cuts);
    }

    private static void Collect(JsonElement json, List<string> texts)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(json.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Collect(item, texts);
                }

                break;
            case JsonValueKind.Object:
                foreach (var field in json.EnumerateObject())
                {
                    texts.Add(field.Name);
                    Collect(field.Value, texts);
                }

                break;
        }
    }

    private JsonElement Mark(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Undefined)
        {
            return json;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(json, writer);
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    private void Write(JsonElement json, Utf8JsonWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                writer.WriteStringValue(Mark(json.GetString()!));
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in json.EnumerateObject())
                {
                    writer.WritePropertyName(Mark(field.Name));
                    Write(field.Value, writer);
                }

                writer.WriteEndObject();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    private string Mark(string text)
    {
        foreach (var token in _tokens)
        {
            // A token within another that is marked already stays as it is: its parts are apart.
            text = text.Replace(token, token[0].ToString() + _letter + token[1..], StringComparison.Ordinal);
        }

        return text;
    }
}
