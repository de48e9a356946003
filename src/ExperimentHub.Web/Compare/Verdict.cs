using ExperimentHub.Engine.Evaluation;

namespace ExperimentHub.Web.Compare;

/// <summary>
/// Whether a difference in accuracy is more than luck: 95 % interval of the difference of two shares (normal approximation, the rows taken as
/// unpaired, which is cautious when both models saw the same rows).
/// </summary>
/// <param name="Difference">Accuracy of B minus accuracy of A.</param>
public sealed record Verdict(double Difference, double Low, double High, int Rows)
{
    private const double Z = 1.959964;

    public bool IsClear => Low > 0 || High < 0;

    public static Verdict? Of(EvaluationReport a, EvaluationReport b)
    {
        if (a.Rows == 0 || b.Rows == 0 || a.Split != b.Split)
        {
            return null;
        }

        var difference = b.Accuracy - a.Accuracy;
        var half = Z * Math.Sqrt((a.Accuracy * (1 - a.Accuracy) / a.Rows) + (b.Accuracy * (1 - b.Accuracy) / b.Rows));
        return new Verdict(difference, difference - half, difference + half, Math.Min(a.Rows, b.Rows));
    }
}
