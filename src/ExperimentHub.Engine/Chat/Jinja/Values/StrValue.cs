namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>A text. Python counts code points where .NET counts UTF-16 units; a text without surrogates needs no translation.</summary>
internal sealed class StrValue(string text, bool isMarkup = false) : Value
{
    public static readonly StrValue Empty = new("");

    private static readonly StrValue[] s_ascii = [.. Enumerable.Range(0, 128).Select(c => new StrValue(((char)c).ToString()))];

    private int _length = -1;

    public string Text { get; } = text;

    /// <summary>Made by <c>safe</c> or <c>escape</c>: what is joined to it with <c>+</c> gets escaped.</summary>
    public bool IsMarkup { get; } = isMarkup;

    public override string TypeName => IsMarkup ? "Markup" : "str";

    public override bool IsTrue => Text.Length > 0;

    public override int? Length => CodePoints;

    /// <summary>True where every unit is a character, so that offsets need no translation.</summary>
    public bool IsFlat => CodePoints == Text.Length;

    public int CodePoints => _length >= 0 ? _length : _length = CodePointText.Count(Text);

    public override IEnumerable<Value> Items
    {
        get
        {
            for (var at = 0; at < Text.Length;)
            {
                var length = CodePointText.UnitsAt(Text, at);
                yield return length == 1 ? OfChar(Text[at]) : new StrValue(Text.Substring(at, length));
                at += length;
            }
        }
    }

    public static StrValue Of(string text) => text.Length switch
    {
        0 => Empty,
        1 => OfChar(text[0]),
        _ => new StrValue(text),
    };

    private static StrValue OfChar(char c) => c < 128 ? s_ascii[c] : new StrValue(c.ToString());
}
