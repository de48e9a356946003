namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A model of the type CHAR: every user-defined symbol and every character is a piece.</summary>
internal sealed class CharacterSegmenter(SentencePieceModel model, UserSymbols? symbols) : PieceSegmenter
{
    private readonly PieceIds _ids = new(model);

    internal override List<Segment> Segment(string text)
    {
        var segments = new List<Segment>();
        for (var at = 0; at < text.Length;)
        {
            var length = symbols?.LongestLength(text.AsSpan(at)) is { } symbol and > 0 ? symbol : CharacterLength(text, at);
            segments.Add(new(at, at + length, _ids.Of(text.AsSpan(at, length))));
            at += length;
        }

        return segments;
    }
}
