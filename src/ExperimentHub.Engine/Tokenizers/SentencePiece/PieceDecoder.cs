using System.Buffers;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Makes text of the pieces of a SentencePiece model, as google/sentencepiece does (sentencepiece_processor.cc, Decode).</summary>
internal sealed class PieceDecoder(SentencePieceModel model, IReadOnlyDictionary<int, byte> byteValues)
{
    private readonly bool _takesSpace = model.Normalizer.AddDummyPrefix || model.Normalizer.RemoveExtraWhitespaces;
    private readonly SentencePieceNormalizer? _denormalizer =
        model.Denormalizer is { CharacterMap: not null } spec ? new SentencePieceNormalizer(spec, spaceAtEnd: false, null) : null;

    internal string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        var atStart = true;         // a space here may be the dummy one
        var spaceTaken = false;     // the piece before began with it
        foreach (var id in ids)
        {
            if (byteValues.TryGetValue(id, out var value))
            {
                bytes.Add(value);
                continue;
            }

            AddBytes(bytes, text);
            atStart &= !spaceTaken && text.Length == 0;
            spaceTaken = AddPiece(model.Pieces[id], atStart, text);
        }

        AddBytes(bytes, text);
        return _denormalizer is null ? text.ToString() : _denormalizer.Normalize(Encoding.UTF8.GetBytes(text.ToString())).Text;
    }

    /// <returns>True if the dummy space was taken off; where extra spaces are removed, all those before the first word go, so the next piece loses its own too.</returns>
    private bool AddPiece(SentencePiece piece, bool atStart, StringBuilder text)
    {
        switch (piece.Type)
        {
            case SentencePieceType.Control:
                return false;
            case SentencePieceType.Unknown:
                text.Append(model.UnknownSurface);
                return false;
            default:
                var taken = atStart && _takesSpace && piece.Text[0] == SentencePieceNormalizer.Mark;
                text.Append(piece.Text[(taken ? 1 : 0)..].Replace(SentencePieceNormalizer.Mark, ' '));
                return taken && !model.Normalizer.RemoveExtraWhitespaces;
        }
    }

    /// <summary>Each byte that is part of no character becomes U+FFFD by itself.</summary>
    private static void AddBytes(List<byte> bytes, StringBuilder text)
    {
        ReadOnlySpan<byte> rest = bytes.ToArray();
        while (!rest.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done;
            text.Append(rune.ToString());
            rest = rest[(valid ? length : 1)..];
        }

        bytes.Clear();
    }
}
