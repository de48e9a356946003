using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Buffers that one thread uses again and again, so that encoding allocates nothing but its result.</summary>
internal sealed class Workspace
{
    private const int LargestKept = 1 << 18;

    [ThreadStatic]
    private static Workspace? s_spare;

    internal NormalizedText Original { get; } = new();

    internal NormalizedText Normalized { get; } = new();

    internal List<(Piece Piece, AddedToken? Token)> RawPieces { get; } = [];

    internal List<(Piece Piece, AddedToken? Token)> NormalizedPieces { get; } = [];

    internal PreTokenizedText PreTokenized { get; } = new();

    internal PieceTokens Tokens { get; } = new();

    internal TokenBuffer First { get; } = new();

    internal TokenBuffer Second { get; } = new();

    internal static Workspace Rent()
    {
        var workspace = s_spare ?? new Workspace();
        s_spare = null;
        return workspace;
    }

    /// <summary>Keeps the buffers for the next text of this thread, unless one huge text made them huge.</summary>
    internal void Return()
    {
        if (Original.Capacity <= LargestKept && Normalized.Capacity <= LargestKept && First.Ids.Length <= LargestKept && PreTokenized.IsSmall(LargestKept))
        {
            s_spare = this;
        }
    }
}
