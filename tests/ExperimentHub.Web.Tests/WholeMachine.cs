namespace ExperimentHub.Web.Tests;

/// <summary>Tests that train, kill and start processes: one after the other, when no other test runs, so that they slow nobody down.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class WholeMachine;
