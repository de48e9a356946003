using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Metrics;

/// <summary>Up to which step the points of each attempt of a run count: later attempts supersede what lies after the step they went on from.</summary>
internal sealed class AttemptLimits
{
    public const string Sql = "SELECT number, start_step FROM attempts WHERE run_id=$1 AND start_step IS NOT NULL ORDER BY number";

    private readonly List<(int Number, long StartStep)> _starts = [];

    public static AttemptLimits Read(SqliteCommand command)
    {
        var limits = new AttemptLimits();
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            limits._starts.Add((rows.GetInt32(0), rows.GetInt64(1)));
        }

        return limits;
    }

    public bool Keeps(int attempt, long step)
    {
        foreach (var (number, startStep) in _starts)
        {
            if (number > attempt && step > startStep)
            {
                return false;
            }
        }

        return true;
    }
}
