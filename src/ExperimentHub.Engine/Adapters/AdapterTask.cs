namespace ExperimentHub.Engine.Adapters;

/// <summary>What an adapter was trained for (<c>task_type</c>), which says the head that its base has.</summary>
internal enum AdapterTask
{
    SequenceClassification,
    TokenClassification,
    QuestionAnswering,
    CausalLanguageModel,
    SequenceToSequence,
    FeatureExtraction,
}

internal static class AdapterTasks
{
    private static readonly Dictionary<string, AdapterTask> s_byName = new(StringComparer.Ordinal)
    {
        ["SEQ_CLS"] = AdapterTask.SequenceClassification,
        ["TOKEN_CLS"] = AdapterTask.TokenClassification,
        ["QUESTION_ANS"] = AdapterTask.QuestionAnswering,
        ["CAUSAL_LM"] = AdapterTask.CausalLanguageModel,
        ["SEQ_2_SEQ_LM"] = AdapterTask.SequenceToSequence,
        ["FEATURE_EXTRACTION"] = AdapterTask.FeatureExtraction,
    };

    public static IReadOnlyCollection<string> Names => s_byName.Keys;

    public static string WireName(this AdapterTask task) => s_byName.First(t => t.Value == task).Key;

    public static AdapterTask? Find(string name) => s_byName.TryGetValue(name, out var task) ? task : null;
}
