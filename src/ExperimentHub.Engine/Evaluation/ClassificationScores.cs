namespace ExperimentHub.Engine.Evaluation;

/// <summary>Counts and scores of a classifier with one label a row, as scikit-learn computes them (division by zero gives 0).</summary>
public sealed class ClassificationScores
{
    private readonly int[][] _confusion;

    /// <summary>Both hold class ids from 0 to <paramref name="classes"/> − 1.</summary>
    public ClassificationScores(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int classes)
    {
        _confusion = [.. Enumerable.Range(0, classes).Select(_ => new int[classes])];
        for (var i = 0; i < truth.Length; i++)
        {
            _confusion[truth[i]][predicted[i]]++;
            Correct += truth[i] == predicted[i] ? 1 : 0;
        }

        Rows = truth.Length;
        Classes = [.. Enumerable.Range(0, classes).Select(Score)];
        Occurring = [.. Enumerable.Range(0, classes).Where(c => Support(c) + Predicted(c) > 0)];
    }

    public int Rows { get; }

    public int Correct { get; }

    public double Accuracy => Ratio(Correct, Rows);

    public double MajorityAccuracy => Ratio(Enumerable.Range(0, _confusion.Length).Max(Support), Rows);

    /// <summary>Rows by true class (outer) and predicted class (inner).</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion => _confusion;

    public IReadOnlyList<(double Precision, double Recall, double F1, int Support)> Classes { get; }

    /// <summary>Classes that are the truth or the answer of some row: the macro averages are over these.</summary>
    public IReadOnlyList<int> Occurring { get; }

    public double MacroPrecision => Macro(c => Classes[c].Precision);

    public double MacroRecall => Macro(c => Classes[c].Recall);

    public double MacroF1 => Macro(c => Classes[c].F1);

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private double Macro(Func<int, double> of) => Occurring.Count == 0 ? 0 : Occurring.Average(of);

    private int Support(int label) => _confusion[label].Sum();

    private int Predicted(int label) => _confusion.Sum(row => row[label]);

    private (double, double, double, int) Score(int label)
    {
        double hits = _confusion[label][label];
        var precision = Ratio(hits, Predicted(label));
        var recall = Ratio(hits, Support(label));
        return (precision, recall, Ratio(2 * hits, Predicted(label) + Support(label)), Support(label));
    }
}
