using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat;

/// <summary>
/// Finds where the last message ends in the rendered text: a mark is put behind it, and the text is cut at the mark. Where the template
/// strips its messages, the mark comes out without its blank, and the text is stripped there too.
/// </summary>
internal sealed class FinalMessage
{
    private const string Mark_ = "CONTINUE_FINAL_MESSAGE_TAG ";

    private readonly string _content;

    private FinalMessage(string content) => _content = content;

    /// <summary>Puts the mark into the last message.</summary>
    public static FinalMessage Mark(List<DictValue> messages, string field, string template)
    {
        var last = messages[^1];
        if (last.Find(field) is not { } content)
        {
            throw new InputException(
                $"The last message has no '{InputException.Quote(field)}' to go on with; give it one, or end without going on.", "chat.no_final", InputException.Quote(field));
        }

        string[] fields = ChatVariables.ReasoningFields.Contains(field)
            ? [.. ChatVariables.ReasoningFields.Where(f => last.Find(f) is { } other && Comparison.AreEqual(other, content))]
            : [field];
        if (!fields.Any(f => template.Contains(f, StringComparison.Ordinal)))
        {
            throw new InputException(
                $"The chat template does not use '{InputException.Quote(field)}', so the last message cannot be gone on with there.", "chat.unused_final", InputException.Quote(field));
        }

        if (content is ListValue blocks)
        {
            var text = MarkLastText(blocks, out var marked);
            last.Set(StrValue.Of(field), marked);
            return new FinalMessage(text);
        }

        var written = (content as StrValue ?? throw NoText()).Text;
        foreach (var name in fields)
        {
            last.Set(StrValue.Of(name), StrValue.Of(written + Mark_));
        }

        return new FinalMessage(written);
    }

    /// <summary>Cuts the rendered text.</summary>
    /// <exception cref="InputException">The template dropped or changed the last message.</exception>
    public string Cut(string text)
    {
        var mark = Mark_.TrimEnd();
        var place = text.LastIndexOf(mark, StringComparison.Ordinal);
        if (place < 0 || !text.Contains(PythonText.Strip(_content), StringComparison.Ordinal))
        {
            throw new InputException("The chat template changes or leaves out the last message, so it cannot be gone on with.", "chat.lost_final");
        }

        var before = text[..place];
        return text.AsSpan(place).StartsWith(Mark_, StringComparison.Ordinal) ? before : PythonText.StripEnd(before);
    }

    private static string MarkLastText(ListValue blocks, out ListValue marked)
    {
        var copies = blocks.Values.ToList();
        for (var i = copies.Count - 1; i >= 0; i--)
        {
            if (copies[i] is DictValue block && block.Find("text") is { } found)
            {
                var text = (found as StrValue ?? throw NoText()).Text;
                block.Set(StrValue.Of("text"), StrValue.Of(text + Mark_));
                marked = blocks;
                return text;
            }
        }

        throw NoText();
    }

    private static InputException NoText() => new("The last message has no text to go on with.", "chat.no_final_text");
}
