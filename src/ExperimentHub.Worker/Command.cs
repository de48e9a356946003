namespace ExperimentHub.Worker;

/// <summary>One command of the worker's command line; <see cref="Run"/> gets the arguments after its name and gives the exit code.</summary>
internal sealed record Command(string Name, string Arguments, string Help, Func<string[], Task<int>> Run);
