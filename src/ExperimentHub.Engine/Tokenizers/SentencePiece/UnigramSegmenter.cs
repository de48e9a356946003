using System.Text;
using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// The unigram language model (Kudo 2018) as google/sentencepiece 0.2.3 computes it (unigram_model.cc, EncodeOptimized): sums are in
/// single precision and of equal ones the first that is found stays, so that ties end as there (0.1.97 compared a sum in double
/// precision with a rounded one). <see cref="UnigramModel"/> is the other reading of the same model, that of the tokenizers library.
/// </summary>
internal sealed class UnigramSegmenter : PieceSegmenter
{
    private const int Absent = -1;
    private const float UnknownPenalty = 10;

    /// <summary>A user-defined piece costs this little however long it is, so that it wins over what else would cover its place.</summary>
    private const float UserDefinedPenalty = 0.1f;

    /// <summary>The least positive number that C++ calls FLT_MIN: the library begins its search for the best score there, and not below 0.</summary>
    private const float LeastBestScore = 1.17549435e-38f;

    private readonly WordTrie _trie = new();
    private readonly int _root;
    private readonly int _unknownId;
    private readonly float[] _scores;
    private readonly bool[] _unused;
    private readonly float _unknownScore;

    internal UnigramSegmenter(SentencePieceModel model)
    {
        _root = _trie.AddRoot();
        _unknownId = model.UnknownId;
        var (least, best) = (float.MaxValue, LeastBestScore);
        foreach (var piece in model.Pieces)
        {
            if (piece.Type == SentencePieceType.Normal)
            {
                (least, best) = (Math.Min(least, piece.Score), Math.Max(best, piece.Score));
            }
        }

        _unknownScore = least - UnknownPenalty;
        _scores = [.. model.Pieces.Select(p => p.Type == SentencePieceType.UserDefined ? (Encoding.UTF8.GetByteCount(p.Text) * best) - UserDefinedPenalty : p.Score)];
        _unused = [.. model.Pieces.Select(p => p.Type == SentencePieceType.Unused)];
        var texts = 0;
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (IsText(model.Pieces[id].Type))
            {
                _trie.Add(_root, model.Pieces[id].Text, id);
                texts++;
            }
        }

        if (texts == 0)
        {
            throw new InputException($"{model.FileName} has no pieces that stand for text; take the original file.", "tokenizer.no_text_pieces", model.FileName);
        }
    }

    internal override List<Segment> Segment(string text)
    {
        var scores = new float[text.Length + 1];    // of the best way to each place
        var last = new Segment[text.Length + 1];    // the piece with which it ends
        Array.Fill(last, new Segment(Absent, Absent, Absent));
        for (var start = 0; start < text.Length;)
        {
            var character = CharacterLength(text, start);
            var covered = false;
            var node = _root;
            for (var end = start; end < text.Length;)
            {
                node = _trie.Child(node, text[end++]);
                if (node == 0)
                {
                    break;
                }

                if (_trie.Token(node) is var id and >= 0 && !_unused[id])
                {
                    Offer(new(start, end, id), _scores[id] + scores[start]);
                    covered |= end - start == character;
                }
            }

            if (!covered)
            {
                Offer(new(start, start + character, _unknownId), _unknownScore + scores[start]);
            }

            start += character;
        }

        var segments = new List<Segment>();
        for (var end = text.Length; end > 0; end = last[end].Start)
        {
            segments.Add(last[end]);
        }

        segments.Reverse();
        return segments;

        void Offer(Segment segment, float score)
        {
            if (last[segment.End].Start == Absent || score > scores[segment.End])
            {
                (last[segment.End], scores[segment.End]) = (segment, score);
            }
        }
    }
}
