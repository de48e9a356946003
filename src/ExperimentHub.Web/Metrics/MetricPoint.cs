namespace ExperimentHub.Web.Metrics;

/// <summary>One value of one curve. A step may come twice, be negative or go back; NaN and infinities are values.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Value">The value.</param>
/// <param name="Time">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Epoch">Passes over the data; NaN where not told.</param>
/// <param name="Tokens">Tokens seen; −1 where not told.</param>
public readonly record struct MetricPoint(long Step, double Value, long Time, double Epoch = double.NaN, long Tokens = -1);

/// <summary>What tables and filters show of a curve. Null stands for "none yet" or, in <see cref="Last"/>, for NaN when <see cref="Count"/> is above 0.</summary>
public sealed record SeriesSummary(string Key, long Count, double? Last, long LastStep, long LastTime, double? Min, long MinStep, double? Max, long MaxStep);

/// <summary>Points of one curve from running number <see cref="FirstNumber"/> on; <see cref="NextNumber"/> is where the next call goes on.</summary>
public sealed record SeriesSlice(string Key, long FirstNumber, long NextNumber, IReadOnlyList<MetricPoint> Points);
