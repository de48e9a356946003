namespace ExperimentHub.Engine.Evaluation;

/// <summary>How one class fared. Support is the number of its rows; what has no rows to be counted over is 0 (as in scikit-learn).</summary>
public sealed record ClassScore(string Label, double Precision, double Recall, double F1, int Support);

/// <summary>A row that the model got wrong, with the probability it gave to its wrong answer.</summary>
public sealed record WrongRow
{
    /// <summary>Number of the row in the data set, from 0.</summary>
    public long Row { get; init; }

    public string? Text { get; init; }

    public string? TextPair { get; init; }

    public required string Label { get; init; }

    public required string Predicted { get; init; }

    public double Probability { get; init; }
}

/// <summary>An evaluation of a classifier, as pages show it and files keep it.</summary>
public sealed record EvaluationReport
{
    /// <summary><c>validation</c> or <c>test</c>.</summary>
    public required string Split { get; init; }

    public long Step { get; init; }

    public int Rows { get; init; }

    /// <summary>Mean cross entropy, in nats.</summary>
    public double Loss { get; init; }

    public double Accuracy { get; init; }

    /// <summary>Macro average over the classes that occur, as are recall and F1.</summary>
    public double Precision { get; init; }

    public double Recall { get; init; }

    public double F1 { get; init; }

    /// <summary>Accuracy of always answering the most frequent class: what a model must beat.</summary>
    public double MajorityAccuracy { get; init; }

    public required IReadOnlyList<ClassScore> Classes { get; init; }

    /// <summary>Rows by true class (outer) and predicted class (inner), in the order of <see cref="Classes"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>The most confident mistakes first.</summary>
    public IReadOnlyList<WrongRow> Wrong { get; init; } = [];

    public double Seconds { get; init; }

    /// <summary>The metrics under their names on the wire: <c>eval_loss</c> or, for the test rows, <c>test_loss</c> …</summary>
    public IReadOnlyDictionary<string, double> Values()
    {
        var prefix = Split == "test" ? "test_" : "eval_";
        return new Dictionary<string, double>
        {
            [prefix + "loss"] = Loss,
            [prefix + "accuracy"] = Accuracy,
            [prefix + "f1"] = F1,
            [prefix + "precision"] = Precision,
            [prefix + "recall"] = Recall,
        };
    }
}
