namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A piece of a normalised text, from <paramref name="Start"/> to before <paramref name="End"/> (UTF-16 units).</summary>
internal readonly record struct Segment(int Start, int End, int Id);
