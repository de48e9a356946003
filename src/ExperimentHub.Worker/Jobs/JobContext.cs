using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>What a job works with. Its own settings come from <see cref="JobFolder.ReadRun"/>.</summary>
internal sealed record JobContext(JobFolder Folder, JobHeader Header, EventWriter Events);
