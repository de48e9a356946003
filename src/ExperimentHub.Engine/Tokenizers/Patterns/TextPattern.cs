namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Something to look for in text.</summary>
internal abstract class TextPattern
{
    /// <summary>The first match that begins at or after <paramref name="from"/>.</summary>
    internal abstract bool Find(ReadOnlySpan<char> text, int from, out int start, out int end);
}
