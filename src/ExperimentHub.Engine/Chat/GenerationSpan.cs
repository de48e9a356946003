namespace ExperimentHub.Engine.Chat;

/// <summary>A part of a rendered conversation that the model is to learn: what stands in a <c>{% generation %}</c> block.</summary>
/// <param name="Start">Offset of its first unit.</param>
/// <param name="End">Offset behind its last unit.</param>
public readonly record struct GenerationSpan(int Start, int End);
