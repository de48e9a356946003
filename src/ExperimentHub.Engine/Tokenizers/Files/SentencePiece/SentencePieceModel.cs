using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What is read from a SentencePiece model file (<c>spiece.model</c>, <c>tokenizer.model</c>).</summary>
internal sealed class SentencePieceModel
{
    private const long MaxBytes = 64L << 20;

    private SentencePieceModel(string fileName) => FileName = fileName;

    internal string FileName { get; }

    internal List<SentencePiece> Pieces { get; } = [];

    internal SentencePieceModelType ModelType { get; private set; } = SentencePieceModelType.Unigram;

    internal bool ByteFallback { get; private set; }

    /// <summary>Text is written with its spaces after the words, not before them.</summary>
    internal bool TreatWhitespaceAsSuffix { get; private set; }

    /// <summary>What the unknown piece is decoded to.</summary>
    internal string UnknownSurface { get; private set; } = " ⁇ ";

    internal NormalizerSpec Normalizer { get; private set; } = new();

    /// <summary>How decoded text is written; null: as it is.</summary>
    internal NormalizerSpec? Denormalizer { get; private set; }

    internal int UnknownId => Pieces.FindIndex(p => p.Type == SentencePieceType.Unknown);

    internal static SentencePieceModel ReadFile(string folder, string fileName)
    {
        var path = Path.Combine(folder, fileName);
        return new FileInfo(path).Length <= MaxBytes
            ? Read(fileName, File.ReadAllBytes(path))
            : throw new InputException($"{fileName} is larger than any vocabulary; take the original file.", "tokenizer.too_large", fileName);
    }

    internal static SentencePieceModel Read(string fileName, ReadOnlySpan<byte> bytes)
    {
        var model = new SentencePieceModel(fileName);
        var reader = new ProtobufReader(fileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model.Pieces.Add(ReadPiece(fileName, reader.Bytes()));
                    break;
                case 2:
                    model.ReadTrainer(reader.Bytes());
                    break;
                case 3:
                    model.Normalizer = ReadNormalizer(fileName, reader.Bytes(), model.Normalizer);
                    break;
                case 5:
                    model.Denormalizer = ReadNormalizer(fileName, reader.Bytes(), model.Denormalizer ?? new());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        model.Check();
        return model;
    }

    internal InputException WrongModelType()
    {
        var name = Enum.IsDefined(ModelType) ? ModelType.ToString().ToUpperInvariant() : $"{(int)ModelType}";
        return new($"{FileName}: the model_type {name} is not supported; models of the types UNIGRAM and BPE are.", "tokenizer.model_type", FileName, name);
    }

    private static SentencePiece ReadPiece(string fileName, ReadOnlySpan<byte> bytes)
    {
        var (text, score, type) = ("", 0f, SentencePieceType.Normal);
        var reader = new ProtobufReader(fileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = reader.Text();
                    break;
                case 2:
                    score = reader.Float();
                    break;
                case 3:
                    type = (SentencePieceType)Math.Clamp(reader.Number(), 0, 100);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(text, score, type);
    }

    private void ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(FileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    ModelType = (SentencePieceModelType)Math.Clamp(reader.Number(), -1, 100);
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = reader.Flag();
                    break;
                case 35:
                    ByteFallback = reader.Flag();
                    break;
                case 44:
                    UnknownSurface = reader.Text();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>The fields of one more such message, laid over those <paramref name="before"/> it.</summary>
    private static NormalizerSpec ReadNormalizer(string fileName, ReadOnlySpan<byte> bytes, NormalizerSpec before)
    {
        var spec = before;
        var reader = new ProtobufReader(fileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    spec = spec with { CharacterMap = ReadMap(fileName, reader.Bytes()) };
                    break;
                case 3:
                    spec = spec with { AddDummyPrefix = reader.Flag() };
                    break;
                case 4:
                    spec = spec with { RemoveExtraWhitespaces = reader.Flag() };
                    break;
                case 5:
                    spec = spec with { EscapeWhitespaces = reader.Flag() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return spec;
    }

    private static PrecompiledMap? ReadMap(string fileName, ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? null : PrecompiledMap.Read(bytes) ?? throw new InputException(
            $"{fileName}: the character map (precompiled_charsmap) is damaged; take the original file.", "tokenizer.character_map", fileName);

    private void Check()
    {
        if (!Enum.IsDefined(ModelType))
        {
            throw WrongModelType();
        }

        var seen = new HashSet<string>();
        foreach (var piece in Pieces)
        {
            if (piece.Text.Length == 0 || !float.IsFinite(piece.Score) || !Enum.IsDefined(piece.Type))
            {
                throw new InputException($"{FileName}: piece {seen.Count} is empty or has no valid score or type; take the original file.", "tokenizer.piece", FileName, seen.Count);
            }

            if (!seen.Add(piece.Text))
            {
                throw new InputException(
                    $"{FileName}: the token '{InputException.Quote(piece.Text)}' stands twice in the vocabulary; take the original file.",
                    "tokenizer.token_twice",
                    FileName,
                    InputException.Quote(piece.Text));
            }
        }

        if (UnknownId < 0)
        {
            throw new InputException($"{FileName} has no piece of the type unknown (<unk>); take the original file.", "tokenizer.no_unknown_piece", FileName);
        }
    }
}
