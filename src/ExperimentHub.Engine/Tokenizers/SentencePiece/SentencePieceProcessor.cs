using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// A SentencePiece model by itself, with the results of google/sentencepiece: raw ids of the file, nothing added. The
/// <see cref="Tokenizer"/> of a folder does the same work as Hugging Face's libraries do it, which differ in details. Safe to use from
/// several threads.
/// </summary>
/// <remarks>Kudo and Richardson 2018, SentencePiece.</remarks>
public sealed class SentencePieceProcessor
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly PieceSegmenter _segmenter;
    private readonly PieceDecoder _decoder;

    /// <summary>The pieces that stand for the bytes of unknown characters; null if the model has none.</summary>
    private readonly int[]? _byteIds;

    internal SentencePieceProcessor(SentencePieceModel model)
    {
        _model = model;
        if (model.Pieces.Count(p => p.Type == SentencePieceType.Unknown) > 1)
        {
            throw new InputException($"{model.FileName} has several pieces of the type unknown (<unk>); take the original file.", "tokenizer.two_unknown_pieces", model.FileName);
        }

        var byteValues = ByteValues();
        if (model.ByteFallback)
        {
            _byteIds = new int[256];
            foreach (var (id, value) in byteValues)
            {
                _byteIds[value] = id;
            }
        }

        var symbols = model.Pieces.Exists(p => p.Type == SentencePieceType.UserDefined) ? new UserSymbols(model.Pieces) : null;
        _normalizer = new SentencePieceNormalizer(model.Normalizer, model.TreatWhitespaceAsSuffix, symbols);
        _segmenter = model.ModelType switch
        {
            SentencePieceModelType.Bpe => new BpeSegmenter(model, symbols),
            SentencePieceModelType.Word => new WordSegmenter(model),
            SentencePieceModelType.Char => new CharacterSegmenter(model, symbols),
            _ => new UnigramSegmenter(model),
        };
        _decoder = new PieceDecoder(model, byteValues);
    }

    /// <summary>Reads a model file, such as <c>spiece.model</c> or <c>tokenizer.model</c>.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static SentencePieceProcessor Load(string modelFile) =>
        new(SentencePieceModel.ReadFile(Path.GetDirectoryName(modelFile) ?? "", Path.GetFileName(modelFile)));

    /// <summary>The text as the model cuts it into pieces: characters replaced, spaces written as <c>▁</c>.</summary>
    public string Normalize(string text) => _normalizer.Normalize(Encoding.UTF8.GetBytes(text)).Text;

    /// <summary>The pieces of a text; their places count bytes of its UTF-8.</summary>
    /// <exception cref="InputException">The text has a character that the model knows as a control piece only.</exception>
    public IReadOnlyList<EncodedPiece> Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    /// <summary>As above; each byte that is not UTF-8 is read as U+FFFD.</summary>
    public IReadOnlyList<EncodedPiece> Encode(ReadOnlySpan<byte> utf8)
    {
        var (text, places) = _normalizer.Normalize(utf8);
        var segments = _segmenter.Segment(text);
        var pieces = new List<EncodedPiece>(segments.Count);
        for (var i = 0; i < segments.Count; i++)
        {
            var (start, end, id) = segments[i];
            var piece = _model.Pieces[id];
            if (piece.Type == SentencePieceType.Control)
            {
                throw new InputException(
                    $"The text holds '{InputException.Quote(piece.Text)}', which {_model.FileName} uses as a control piece; take it out.",
                    "tokenizer.control_in_text",
                    InputException.Quote(piece.Text),
                    _model.FileName);
            }

            if (piece.Type != SentencePieceType.Unknown)
            {
                pieces.Add(new(id, piece.Text, places[start], places[end]));
            }
            else if (_byteIds is not null)
            {
                AddBytes(text[start..end], places[start], places[end], pieces);
            }
            else
            {
                // Unknown characters in a row are one piece.
                while (i + 1 < segments.Count && segments[i + 1].Id == id)
                {
                    end = segments[++i].End;
                }

                pieces.Add(new(id, text[start..end], places[start], places[end]));
            }
        }

        return pieces;
    }

    /// <summary>The text of ids: unknown ones as the model wants to see them (usually <c> ⁇ </c>), control pieces as nothing.</summary>
    /// <exception cref="InputException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)_model.Pieces.Count)
            {
                throw new InputException(
                    $"The id {id} is not in the vocabulary of {_model.FileName}, whose ids go from 0 to {_model.Pieces.Count - 1}.",
                    "tokenizer.id_unknown",
                    id,
                    _model.FileName,
                    _model.Pieces.Count - 1);
            }
        }

        return _decoder.Decode(ids);
    }

    /// <summary>All 256 or none: with some missing, text could not be written that the model says it can.</summary>
    private Dictionary<int, byte> ByteValues()
    {
        var values = new Dictionary<int, byte>();
        for (var id = 0; id < _model.Pieces.Count; id++)
        {
            if (_model.Pieces[id].Type == SentencePieceType.Byte)
            {
                values.Add(id, ByteOf(_model.Pieces[id].Text) ?? throw WrongBytes());
            }
        }

        return values.Count == (_model.ByteFallback ? 256 : 0) ? values : throw WrongBytes();
    }

    private static byte? ByteOf(string piece) =>
        piece.Length == 6 && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && piece == BytePiece(value) ? value : null;

    private static string BytePiece(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    private InputException WrongBytes() => new(
        $"{_model.FileName}: the byte pieces (<0x00> to <0xFF>) do not fit its byte_fallback: all 256 or none; take the original file.", "tokenizer.byte_pieces", _model.FileName);

    /// <summary>Unknown text byte by byte; the last of them has its place in the text.</summary>
    private void AddBytes(string unknown, int start, int end, List<EncodedPiece> pieces)
    {
        var bytes = Encoding.UTF8.GetBytes(unknown);
        for (var i = 0; i < bytes.Length; i++)
        {
            var id = _byteIds![bytes[i]];
            pieces.Add(new(id, _model.Pieces[id].Text, start, i == bytes.Length - 1 ? end : start));
        }
    }
}
