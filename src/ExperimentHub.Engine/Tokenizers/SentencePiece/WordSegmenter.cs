namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A model of the type WORD: a piece goes from one <c>▁</c> to before the next.</summary>
internal sealed class WordSegmenter(SentencePieceModel model) : PieceSegmenter
{
    private readonly PieceIds _ids = new(model);

    internal override List<Segment> Segment(string text)
    {
        var segments = new List<Segment>();
        for (var start = 0; start < text.Length;)
        {
            var next = text.IndexOf(SentencePieceNormalizer.Mark, start + 1);
            var end = next < 0 ? text.Length : next;
            segments.Add(new(start, end, _ids.Of(text.AsSpan(start, end - start))));
            start = end;
        }

        return segments;
    }
}
