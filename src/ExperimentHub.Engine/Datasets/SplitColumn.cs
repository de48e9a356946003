namespace ExperimentHub.Engine.Datasets;

/// <summary>Words by which files name their splits.</summary>
internal static class SplitColumn
{
    private static readonly Dictionary<string, int> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = 0,
        ["training"] = 0,
        ["训练"] = 0,
        ["训练集"] = 0,
        ["validation"] = 1,
        ["valid"] = 1,
        ["val"] = 1,
        ["dev"] = 1,
        ["eval"] = 1,
        ["验证"] = 1,
        ["验证集"] = 1,
        ["test"] = 2,
        ["testing"] = 2,
        ["测试"] = 2,
        ["测试集"] = 2,
    };

    /// <summary>Index into <see cref="SplitNames.All"/>; -1 for a word that names no split.</summary>
    internal static int IndexOf(string word) => s_words.GetValueOrDefault(word.Trim(), -1);
}
