namespace ExperimentHub.Engine.Tokenizers;

/// <summary>The pieces of a SentencePiece model by what they spell.</summary>
internal sealed class PieceIds
{
    private readonly int _unknownId;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    internal PieceIds(SentencePieceModel model)
    {
        _unknownId = model.UnknownId;
        var ids = new Dictionary<string, int>(model.Pieces.Count);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            ids.Add(model.Pieces[id].Text, id);
        }

        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The unknown piece if there is none of this text.</summary>
    internal int Of(ReadOnlySpan<char> text) => _ids.TryGetValue(text, out var id) ? id : _unknownId;
}
