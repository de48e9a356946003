namespace ExperimentHub.Engine.Tokenizers;

/// <summary>The classes of transformers that make a tokenizer of older files, by name without <c>Tokenizer</c> and <c>Fast</c>.</summary>
internal static class TokenizerFamilies
{
    /// <summary>Classes that say nothing about the files.</summary>
    private static readonly HashSet<string> s_general = ["PreTrained", "PreTrainedTokenizerFast", "TokenizersBackend", ""];

    private static readonly HashSet<string> s_wordPiece =
        ["Bert", "DistilBert", "Electra", "MobileBert", "Ernie", "MPNet", "Funnel", "LayoutLM", "ConvBert", "BertJapanese", "SqueezeBert"];

    private static readonly HashSet<string> s_gpt2 = ["GPT2", "CodeGen", "GPTNeoX"];

    private static readonly HashSet<string> s_roberta = ["Roberta", "Longformer", "Bart", "LED"];

    private static readonly HashSet<string> s_qwen2 = ["Qwen2"];

    private static readonly HashSet<string> s_t5 = ["T5", "MT5"];

    private static readonly HashSet<string> s_xlmRoberta = ["XLMRoberta"];

    private static readonly HashSet<string> s_albert = ["Albert"];

    private static readonly HashSet<string> s_llama = ["Llama", "CodeLlama", "Mistral"];

    private static readonly HashSet<string> s_gemma = ["Gemma"];

    private static readonly HashSet<string> s_ernie45 = ["Ernie4_5", "Ernie4_5_"];

    internal static string Of(string className)
    {
        var name = className.EndsWith("Fast", StringComparison.Ordinal) ? className[..^4] : className;
        return name.EndsWith("Tokenizer", StringComparison.Ordinal) ? name[..^"Tokenizer".Length] : name;
    }

    internal static bool IsGeneral(string? family) => family is null || s_general.Contains(family);

    internal static bool IsKnown(string family) =>
        IsGeneral(family) || s_wordPiece.Contains(family) || IsGpt2(family) || IsRoberta(family) || IsQwen2(family) ||
        IsT5(family) || IsXlmRoberta(family) || IsAlbert(family) || IsLlama(family) || IsGemma(family) || IsErnie45(family);

    internal static bool IsGpt2(string? family) => family is not null && s_gpt2.Contains(family);

    internal static bool IsRoberta(string? family) => family is not null && s_roberta.Contains(family);

    internal static bool IsQwen2(string? family) => family is not null && s_qwen2.Contains(family);

    internal static bool IsT5(string? family) => family is not null && s_t5.Contains(family);

    internal static bool IsXlmRoberta(string? family) => family is not null && s_xlmRoberta.Contains(family);

    internal static bool IsAlbert(string? family) => family is not null && s_albert.Contains(family);

    internal static bool IsLlama(string? family) => family is not null && s_llama.Contains(family);

    internal static bool IsGemma(string? family) => family is not null && s_gemma.Contains(family);

    internal static bool IsErnie45(string? family) => family is not null && s_ernie45.Contains(family);
}
