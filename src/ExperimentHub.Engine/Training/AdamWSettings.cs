namespace ExperimentHub.Engine.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019) as in torch: p ← p(1 − lr·decay), then p ← p − lr·m̂ / (√v̂ + ε).</summary>
internal sealed record AdamWSettings(double Beta1, double Beta2, double Epsilon, double WeightDecay);
