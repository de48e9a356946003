using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Evaluation;

/// <summary>Runs rows through a model in batches of similar length, and puts the scores back in the order of the rows.</summary>
internal static class ClassifierScoring
{
    public static IReadOnlyList<float[]> Score(ClassificationRows rows, int batchSize, int padTokenId, Func<PaddedBatch, float[][]> model, Action<int>? done = null)
    {
        var scores = new float[rows.Count][];
        var count = 0;
        foreach (var batchRows in BatchPlan.ForEvaluation([.. Enumerable.Range(0, rows.Count).Select(rows.Length)], batchSize))
        {
            using var batch = rows.Batch(batchRows, padTokenId);
            foreach (var (row, score) in batchRows.Zip(model(batch)))
            {
                scores[row] = score;
            }

            done?.Invoke(count += batchRows.Length);
        }

        return scores;
    }
}
