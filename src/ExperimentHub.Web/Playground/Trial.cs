using ExperimentHub.Web.Models;

namespace ExperimentHub.Web.Playground;

/// <summary>What one model said about one text, or why it could not.</summary>
internal sealed record Trial(Model Model, Prediction? Prediction, double Milliseconds, string? Fault);
