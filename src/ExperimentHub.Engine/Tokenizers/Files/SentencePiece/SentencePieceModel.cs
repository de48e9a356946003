using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What is read from a SentencePiece model file (<c>spiece.model</c>, <c>tokenizer.model</c>).</summary>
internal sealed class SentencePieceModel
{
    private const int Unigram = 1;
    private const int Bpe = 2;
    private const long MaxBytes = 64L << 20;

    private static readonly string[] s_modelTypes = ["", "UNIGRAM", "BPE", "WORD", "CHAR"];

    private SentencePieceModel(string fileName) => FileName = fileName;

    internal string FileName { get; }

    internal List<SentencePiece> Pieces { get; } = [];

    internal bool IsBpe { get; private set; }

    internal bool ByteFallback { get; private set; }

    internal PrecompiledNormalizer? CharacterMap { get; private set; }

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
        var modelType = Unigram;
        var reader = new ProtobufReader(fileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model.Pieces.Add(ReadPiece(fileName, reader.Bytes()));
                    break;
                case 2:
                    modelType = model.ReadTrainer(reader.Bytes(), modelType);
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        model.IsBpe = modelType == Bpe;
        model.Check(modelType);
        return model;
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

    private int ReadTrainer(ReadOnlySpan<byte> bytes, int modelType)
    {
        var reader = new ProtobufReader(FileName, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    modelType = (int)Math.Clamp(reader.Number(), -1, 100);
                    break;
                case 35:
                    ByteFallback = reader.Flag();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return modelType;
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(FileName, bytes);
        while (reader.Next())
        {
            if (reader.Field == 2 && reader.Bytes() is { Length: > 0 } map)
            {
                CharacterMap = PrecompiledNormalizer.Read(map) ?? throw new InputException(
                    $"{FileName}: the character map (precompiled_charsmap) is damaged; take the original file.", "tokenizer.character_map", FileName);
            }
            else if (reader.Field != 2)
            {
                reader.Skip();
            }
        }
    }

    private void Check(int modelType)
    {
        if (modelType is not (Unigram or Bpe))
        {
            var name = modelType is > 0 and <= 4 ? s_modelTypes[modelType] : $"{modelType}";
            throw new InputException($"{FileName}: the model_type {name} is not supported; models of the types UNIGRAM and BPE are.", "tokenizer.model_type", FileName, name);
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
