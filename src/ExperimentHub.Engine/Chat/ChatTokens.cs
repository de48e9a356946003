using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Chat;

/// <summary>A conversation as a model reads it.</summary>
/// <param name="Rendered">The text, and what of it the assistant said.</param>
/// <param name="Encoding">Its tokens; nothing was added to those that the template wrote.</param>
/// <param name="Learned">Of each token: true where it begins in what the assistant said (as transformers counts its assistant mask).</param>
public sealed record TokenizedChat(RenderedChat Rendered, TokenEncoding Encoding, IReadOnlyList<bool> Learned);

/// <summary>From a conversation to token ids: the one way for training, evaluation, playground and API, so that all of them read the same.</summary>
public static class ChatTokens
{
    /// <summary>Renders and encodes.</summary>
    /// <param name="template">The model's template.</param>
    /// <param name="request">The conversation.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="readsTokensInContent">
    /// True: special tokens that stand in the messages are special tokens, as in transformers. Else they are text: nobody can end a turn,
    /// or begin one of the system, by writing so.
    /// </param>
    /// <param name="clock">For templates that write the date of today; null for the clock of the machine.</param>
    /// <exception cref="InputException">The template refuses the conversation, or cannot cope with it.</exception>
    public static TokenizedChat Encode(ChatTemplate template, ChatRequest request, Tokenizer tokenizer, bool readsTokensInContent = false, TimeProvider? clock = null)
    {
        var literal = readsTokensInContent ? null : LiteralTokens.In(request, tokenizer.SpecialTexts, template.Source);
        var rendered = template.Render(literal?.Mark(request) ?? request, clock);
        IReadOnlyList<int> cuts = [];
        if (literal is not null)
        {
            (rendered, cuts) = literal.Unmark(rendered);
        }

        var encoding = tokenizer.EncodeCut(rendered.Text, cuts);
        var learned = new bool[encoding.Length];
        for (var i = 0; i < learned.Length; i++)
        {
            learned[i] = rendered.Spans.Any(s => encoding.Starts[i] >= s.Start && encoding.Starts[i] < s.End);
        }

        return new TokenizedChat(rendered, encoding, learned);
    }
}
