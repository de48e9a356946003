namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>A piece of text from <paramref name="Start"/> to before <paramref name="End"/>, in UTF-16 units.</summary>
internal readonly record struct Piece(int Start, int End);

/// <summary>Cuts normalised text into the pieces (words) that the model looks at one by one.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Adds the pieces of <paramref name="text"/>, moved by <paramref name="offset"/>.</summary>
    internal abstract void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces);
}
