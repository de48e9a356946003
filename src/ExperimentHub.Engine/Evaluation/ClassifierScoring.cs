using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Evaluation;

/// <summary>Runs rows through a model in batches of similar length, and puts the scores back in the order of the rows.</summary>
internal static class ClassifierScoring
{
    public static IReadOnlyList<float[]> Score(ClassificationRows rows, int batchSize, int padTokenId, Func<PaddedBatch, float[][]> model, Action<int>? done = null)
    {
        return Score(rows, Plan(rows, batchSize), ModelOfRows, done);

        float[][] ModelOfRows(int[] numbers)
        {
            using var batch = rows.Batch(numbers, padTokenId);
            return model(batch);
        }
    }

    /// <summary>The same with a model that is told which rows are due: those of one batch of <paramref name="plan"/>.</summary>
    public static IReadOnlyList<float[]> Score(ClassificationRows rows, int[][] plan, Func<int[], float[][]> model, Action<int>? done = null)
    {
        var scores = new float[rows.Count][];
        var count = 0;
        foreach (var batchRows in plan)
        {
            foreach (var (row, score) in batchRows.Zip(model(batchRows)))
            {
                scores[row] = score;
            }

            done?.Invoke(count += batchRows.Length);
        }

        return scores;
    }

    public static int[][] Plan(ClassificationRows rows, int batchSize) => BatchPlan.ForEvaluation([.. Enumerable.Range(0, rows.Count).Select(rows.Length)], batchSize);
}
