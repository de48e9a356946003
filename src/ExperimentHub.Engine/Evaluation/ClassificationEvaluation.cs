using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Evaluation;

/// <summary>Makes an <see cref="EvaluationReport"/> from the scores that a model gave to each class of each row.</summary>
public static class ClassificationEvaluation
{
    private const int MostWrongRows = 50;
    private const int LongestText = 1000;

    /// <summary><paramref name="logits"/> holds one row of class scores for each of <paramref name="rows"/>, before softmax.</summary>
    public static EvaluationReport Report(ClassificationRows rows, IReadOnlyList<float[]> logits, IReadOnlyList<string> labels, string split, long step, TimeSpan took)
    {
        var predicted = new int[rows.Count];
        var confidence = new double[rows.Count];
        var loss = 0.0;
        for (var i = 0; i < rows.Count; i++)
        {
            var probabilities = Softmax(logits[i]);
            predicted[i] = Array.IndexOf(logits[i], logits[i].Max());
            confidence[i] = probabilities[predicted[i]];
            loss -= LogProbability(logits[i], rows.Labels[i]);
        }

        var scores = new ClassificationScores(rows.Labels, predicted, labels.Count);
        return new EvaluationReport
        {
            Split = split,
            Step = step,
            Rows = rows.Count,
            Loss = rows.Count == 0 ? 0 : loss / rows.Count,
            Accuracy = scores.Accuracy,
            Precision = scores.MacroPrecision,
            Recall = scores.MacroRecall,
            F1 = scores.MacroF1,
            MajorityAccuracy = scores.MajorityAccuracy,
            Classes = [.. scores.Classes.Select((c, id) => new ClassScore(labels[id], c.Precision, c.Recall, c.F1, c.Support))],
            Confusion = scores.Confusion,
            Wrong =
            [
                .. Enumerable.Range(0, rows.Count)
                    .Where(i => predicted[i] != rows.Labels[i])
                    .OrderByDescending(i => confidence[i]).ThenBy(i => i)
                    .Take(MostWrongRows)
                    .Select(i => new WrongRow
                    {
                        Row = rows.RowNumbers?[i] ?? i,
                        Text = rows.Texts is null ? null : InputException.Quote(rows.Texts[i], LongestText),
                        TextPair = rows.TextPairs?[i] is { } pair ? InputException.Quote(pair, LongestText) : null,
                        Label = labels[rows.Labels[i]],
                        Predicted = labels[predicted[i]],
                        Probability = confidence[i],
                    }),
            ],
            Seconds = Math.Round(took.TotalSeconds, 3),
        };
    }

    /// <summary>Probabilities of one row, in 64 bits.</summary>
    public static double[] Softmax(ReadOnlySpan<float> logits)
    {
        var probabilities = new double[logits.Length];
        for (var i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = Math.Exp(LogProbability(logits, i));
        }

        return probabilities;
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int label)
    {
        double highest = logits[0];
        foreach (var logit in logits)
        {
            highest = Math.Max(highest, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - highest);
        }

        return logits[label] - highest - Math.Log(sum);
    }
}
