namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// The merges that a SentencePiece BPE model stands for: every way to make a piece of two others, the piece with the best score first,
/// then the longer left part, then the longer right part (as transformers' converter orders them for the published files).
/// </summary>
internal static class SentencePieceMerges
{
    /// <summary>No real piece is longer, and the parts of a piece grow with the square of its length.</summary>
    private const int LongestPiece = 1000;

    internal static List<(string Left, string Right)> Of(IReadOnlyList<SentencePiece> pieces)
    {
        var ids = new Dictionary<string, int>(pieces.Count);
        for (var id = 0; id < pieces.Count; id++)
        {
            ids[pieces[id].Text] = id;
        }

        var bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new List<(string Left, string Right, float Score)>();
        foreach (var (text, score, _) in pieces)
        {
            if (text.Length > LongestPiece)
            {
                continue;
            }

            var local = new List<(int Left, int Right)>();
            for (var at = 1; at < text.Length; at++)
            {
                if (bySpan.TryGetValue(text.AsSpan(0, at), out var left) && bySpan.TryGetValue(text.AsSpan(at), out var right))
                {
                    local.Add((left, right));
                }
            }

            merges.AddRange(local.Order().Select(m => (pieces[m.Left].Text, pieces[m.Right].Text, score)));
        }

        // OrderBy keeps the order of equals.
        return [.. merges.OrderByDescending(m => m.Score).ThenByDescending(m => Characters(m.Left)).ThenByDescending(m => Characters(m.Right)).Select(m => (m.Left, m.Right))];
    }

    private static int Characters(string text) => text.Count(c => !char.IsLowSurrogate(c));
}
