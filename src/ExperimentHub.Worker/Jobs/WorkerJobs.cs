namespace ExperimentHub.Worker;

/// <summary>The kinds of job that <c>run.json</c> may ask for (see <see cref="Engine.Protocol.JobKinds"/>).</summary>
internal static class WorkerJobs
{
    /// <summary>
    /// A job reports through <see cref="JobContext.Events"/> and returns its last event; what it throws becomes a failed one. Whatever
    /// it leaves on disk is complete before it returns.
    /// </summary>
    public static IReadOnlyDictionary<string, Func<JobContext, Task<Engine.Protocol.FinishedEvent>>> All { get; } =
        new Dictionary<string, Func<JobContext, Task<Engine.Protocol.FinishedEvent>>>
        {
            [Engine.Protocol.JobKinds.InspectDataset] = Datasets.DatasetJobs.InspectAsync,
            [Engine.Protocol.JobKinds.ImportDataset] = Datasets.DatasetJobs.ImportAsync,
            [Engine.Protocol.JobKinds.CountTokens] = Datasets.TokenCountJob.RunAsync,
            [Engine.Protocol.JobKinds.TrainTokenizer] = Tokenizers.TrainTokenizerJob.RunAsync,
            [Engine.Protocol.JobKinds.Train] = TrainJob.RunAsync,
            [Engine.Protocol.JobKinds.ImportModel] = Models.ModelJobs.ImportAsync,
            [Engine.Protocol.JobKinds.CreateModel] = Models.ModelJobs.CreateAsync,
            [Engine.Protocol.JobKinds.ImportAdapter] = Models.AdapterJobs.ImportAsync,
            [Engine.Protocol.JobKinds.MergeAdapter] = Models.AdapterJobs.MergeAsync,
        };
}
