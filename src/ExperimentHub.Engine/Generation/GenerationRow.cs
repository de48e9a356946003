using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Generation;

/// <summary>One text that is being written.</summary>
internal sealed class GenerationRow(int prompt, int sequence, int[] promptTokens)
{
    private readonly List<int> _tokens = [.. promptTokens];

    public int Prompt => prompt;

    public int Sequence => sequence;

    /// <summary>Prompt and output.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public int Generated => _tokens.Count - promptTokens.Length;

    public IReadOnlyList<int> Output => _tokens[promptTokens.Length..];

    public List<TokenLogProbability> LogProbabilities { get; } = [];

    public void Add(int token) => _tokens.Add(token);

    public void RemoveLast(int count) => _tokens.RemoveRange(_tokens.Count - count, count);
}
