namespace ExperimentHub.Engine;

/// <summary>
/// Something a person gave us cannot be used. The message is one sentence that names the thing, the place and the remedy; it is shown
/// to that person as it is, so it carries no path of this machine, no type name and no line break.
/// </summary>
/// <remarks>
/// <paramref name="code"/> (such as <c>dataset.no_rows</c>) and <paramref name="arguments"/> let a page say the same in the reader's
/// language: the resource <c>Error_{code}</c> is a format string over the arguments in order.
/// </remarks>
public sealed class InputException(string message, string code = "input", params object[] arguments) : Exception(Clean(message))
{
    /// <summary>No message is longer than this, whatever a stranger's file put into it.</summary>
    public const int MaxLength = 600;

    public string Code { get; } = code;

    public IReadOnlyList<object> Arguments { get; } = arguments;

    /// <summary>A stranger's text, safe to repeat in a message: cut to <paramref name="maxLength"/>, control characters replaced.</summary>
    public static string Quote(string? text, int maxLength = 60)
    {
        text = Clean(text ?? "");
        return text.Length <= maxLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength), "…");
    }

    private static string Clean(string text)
    {
        var cleaned = string.Create(Math.Min(text.Length, MaxLength), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
        return cleaned;
    }
}
