namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>A piece of text from <paramref name="Start"/> to before <paramref name="End"/>, in UTF-16 units.</summary>
internal readonly record struct Piece(int Start, int End);
