using System.Globalization;
using System.Security.Claims;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Runs;

/// <summary>A curve as <c>js/charts.js</c> takes it; <see cref="Start"/> is when its run began (milliseconds since 1970); <see cref="First"/> and <see cref="Next"/> number its points, so that none is drawn twice.</summary>
internal sealed record CurveSlice(
    int Run, string Key, long First, long Next, IReadOnlyList<long> Step, IReadOnlyList<double> Value, IReadOnlyList<long> Time, IReadOnlyList<double> Epoch)
{
    public long? Start { get; init; }

    public static CurveSlice Of(int run, SeriesSlice slice) => new(
        run, slice.Key, slice.FirstNumber, slice.NextNumber,
        [.. slice.Points.Select(p => p.Step)], [.. slice.Points.Select(p => p.Value)], [.. slice.Points.Select(p => p.Time)], [.. slice.Points.Select(p => p.Epoch)]);
}

/// <summary>
/// The curves of the charts of a page in one answer: <c>/runs/curves?s=42:train_loss&amp;s=43:train_loss</c>. With <c>from</c> and <c>to</c>
/// (steps) only a part, in finer buckets; with <c>full=true</c> as many points as one answer may hold.
/// </summary>
internal static class CurvesApi
{
    private const int MaxCurves = 400;
    private const int MaxPoints = 200_000;
    private const int MaxPointsOfCurve = 2_000;

    public static void MapCurves(this IEndpointRouteBuilder app) => app.MapGet("/runs/curves", CurvesAsync).ExcludeFromDescription();

    private static async Task<Results<Ok<List<CurveSlice>>, NotFound, BadRequest>> CurvesAsync(
        string[] s, long? from, long? to, bool? full, ClaimsPrincipal user, ProjectAccess access, RunService runs, MetricReader reader, CancellationToken cancellationToken)
    {
        var wanted = s.Select(Parse).OfType<(int Run, string Key)>().ToList();
        if (wanted.Count != s.Length || wanted.Count > MaxCurves)
        {
            return TypedResults.BadRequest();
        }

        var starts = new Dictionary<int, long?>();
        foreach (var id in wanted.Select(w => w.Run).Distinct())
        {
            if (await runs.FindAsync(id, cancellationToken) is not { } run || !await access.AllowsAsync(user, run.ProjectId, Access.Read, cancellationToken))
            {
                return TypedResults.NotFound();
            }

            starts[id] = run.StartedAt is { } start ? new DateTimeOffset(start).ToUnixTimeMilliseconds() : null;
        }

        var points = MaxPoints / Math.Max(1, wanted.Count);
        points = full == true ? points : Math.Min(MaxPointsOfCurve, points);
        return TypedResults.Ok(wanted.ConvertAll(w => CurveSlice.Of(w.Run, reader.Read(w.Run, w.Key, 0, points, from, to)) with { Start = starts[w.Run] }));
    }

    private static (int Run, string Key)? Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var run)
            ? (run, text[(colon + 1)..])
            : null;
    }
}
