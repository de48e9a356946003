namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What transformers calls <c>clean_up_tokenization</c>: the spaces that English punctuation got in decoding go. Off unless a person asks for it.</summary>
public static class TextCleanUp
{
    private static readonly (string From, string To)[] s_replacements =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public static string Apply(string text)
    {
        foreach (var (from, to) in s_replacements)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
