using System.Diagnostics;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>What a classifier says of one text.</summary>
public sealed record Prediction
{
    public required string Label { get; init; }

    /// <summary>Probability of <see cref="Label"/>.</summary>
    public double Score { get; init; }

    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>Tokens that the model read, special ones included.</summary>
    public int Tokens { get; init; }

    /// <summary>True when the text was longer than the model can read.</summary>
    public bool Truncated { get; init; }
}

/// <summary>A finished classifier with its tokenizer, for evaluation and for serving. One call at a time.</summary>
public sealed class TextClassifier : IDisposable
{
    private const int BatchSize = 32;

    private readonly EncoderModel _model;

    private TextClassifier(EncoderModel model, Tokenizer tokenizer)
    {
        _model = model;
        Tokenizer = tokenizer;
    }

    public Tokenizer Tokenizer { get; }

    public IReadOnlyList<string> Labels => _model.Labels;

    public int MaxLength => Math.Min(_model.Config.MaxLength, Tokenizer.ModelMaxLength ?? int.MaxValue);

    /// <summary>The classifier of a folder, on a device that <see cref="ComputeDevice.Resolve"/> gave.</summary>
    /// <exception cref="InputException">The folder cannot be used, or is no classifier.</exception>
    public static TextClassifier Load(string folder, string device = ComputeDevice.Cpu)
    {
        if (ModelFolder.Inspect(folder).Heads.Count == 0)
        {
            throw new InputException("This model has no classification head; fine-tune it first.", "model.no_head");
        }

        var tokenizer = Tokenizer.Load(folder);
        var model = ModelLoader.LoadClassifier(folder);
        model.MoveTo(ComputeDevice.ToTorch(device));
        return new TextClassifier(model, tokenizer);
    }

    public IReadOnlyList<Prediction> Predict(IReadOnlyList<string> texts, IReadOnlyList<string?>? pairs = null)
    {
        var encoded = texts.Select((text, i) => Tokenizer.Encode(text, pairs?[i], MaxLength)).ToList();
        var offsets = new long[texts.Count + 1];
        for (var i = 0; i < texts.Count; i++)
        {
            offsets[i + 1] = offsets[i] + encoded[i].Ids.Length;
        }

        var rows = new ClassificationRows
        {
            Ids = [.. encoded.SelectMany(e => e.Ids)],
            TypeIds = [.. encoded.SelectMany(e => e.TypeIds).Select(t => (byte)t)],
            Offsets = offsets,
            Labels = new int[texts.Count],
        };
        return
        [
            .. ClassifierScoring.Score(rows, BatchSize, _model.Config.PadTokenId, Logits).Select((logits, i) =>
            {
                var probabilities = ClassificationEvaluation.Softmax(logits);
                var best = Array.IndexOf(probabilities, probabilities.Max());
                return new Prediction
                {
                    Label = Labels[best],
                    Score = probabilities[best],
                    Scores = Labels.Zip(probabilities).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal),
                    Tokens = encoded[i].Ids.Length,
                    Truncated = encoded[i].Truncated,
                };
            }),
        ];
    }

    /// <summary>Scores rows that this model's tokenizer has encoded; their labels are those of the model.</summary>
    public EvaluationReport Evaluate(ClassificationRows rows, string split, long step, Action<int, int>? progress = null)
    {
        var began = Stopwatch.GetTimestamp();
        var logits = ClassifierScoring.Score(rows, BatchSize, _model.Config.PadTokenId, Logits, done => progress?.Invoke(done, rows.Count));
        return ClassificationEvaluation.Report(rows, logits, Labels, split, step, Stopwatch.GetElapsedTime(began));
    }

    public void Dispose() => _model.Dispose();

    private float[][] Logits(PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return [.. _model.Forward(batch).cpu().data<float>().ToArray().Chunk(Labels.Count)];
    }
}
