using System.Diagnostics;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>Where a training reads and leaves files.</summary>
public sealed record TrainingFolders
{
    /// <summary>The Hugging Face folder that is fine-tuned.</summary>
    public required string Model { get; init; }

    public required string Checkpoints { get; init; }

    /// <summary>What the training leaves: a Hugging Face folder with the best weights.</summary>
    public required string Result { get; init; }

    /// <summary>The checkpoint to go on from; null: from the start.</summary>
    public string? ResumeFrom { get; init; }
}

/// <summary>The training loop of a classifier, from the first step to the last. It knows rows, a configuration and folders, nothing of jobs or hubs.</summary>
public sealed class ClassifierTraining : IDisposable
{
    private readonly RunConfig _config;
    private readonly ClassificationRows _train;
    private readonly ClassificationRows _validation;
    private readonly TrainingFolders _folders;
    private readonly TrainingHooks _hooks;
    private readonly int[] _lengths;
    private readonly EncoderModel _model;
    private readonly ClassifierLearner _learner;
    private readonly CheckpointShelf _shelf;
    private readonly FrozenFeatures? _trainFeatures;
    private readonly FrozenFeatures? _validationFeatures;
    private TrainingState _state;

    /// <summary>Loads the model, or the checkpoint; <paramref name="labels"/> are the classes in the order of the rows' ids.</summary>
    /// <param name="plain">Torch's operators only, as the reference for the fast path.</param>
    /// <param name="device">What <see cref="ComputeDevice.Resolve"/> gave.</param>
    /// <exception cref="InputException">Model or checkpoint cannot be used.</exception>
#pragma warning disable CS1573 // The other parameters are what their types say.
    public ClassifierTraining(
        RunConfig config, IReadOnlyList<string> labels, ClassificationRows train, ClassificationRows validation, TrainingFolders folders, TrainingHooks hooks, bool plain = false,
        string device = ComputeDevice.Cpu)
#pragma warning restore CS1573
    {
        _config = config;
        _train = train;
        _validation = validation;
        _folders = folders;
        _hooks = hooks;
        random.manual_seed(config.Seed);
        _state = folders.ResumeFrom is null ? new TrainingState() : TrainingState.Read(folders.ResumeFrom);
        _model = ModelLoader.LoadClassifier(folders.ResumeFrom ?? folders.Model, labels);
        var longest = _model.Config.MaxLength;
        if (Enumerable.Range(0, train.Count).Any(r => train.Length(r) > longest) || Enumerable.Range(0, validation.Count).Any(r => validation.Length(r) > longest))
        {
            _model.Dispose();
            throw new InputException($"The model reads at most {longest} tokens; lower max_length.", "run.max_length", longest);
        }

        _model.MoveTo(ComputeDevice.ToTorch(device));
        Device = device;
        Precision = folders.ResumeFrom is null ? PrecisionChoice.Resolve(config.Precision, _model.Config, device) : _state.Precision;
        Parameters = _model.Weights.Sum(w => w.Value.NumberOfElements);
        _learner = new ClassifierLearner(_model, config, Precision, plain);
        _lengths = [.. Enumerable.Range(0, train.Count).Select(train.Length)];
        if (_learner.OnlyHeadLearns && !plain && FrozenFeatures.Fit((long)train.Count + validation.Count, _model.Config.HiddenSize))
        {
            _trainFeatures = new(train, _model.Config.PadTokenId, PlanOf(0), _learner.Features);
            _validationFeatures = new(validation, _model.Config.PadTokenId, ClassifierScoring.Plan(validation, config.EvalBatchSize), _learner.Features);
        }

        _shelf = new CheckpointShelf(folders.Checkpoints, folders.Result, folders.Model, config.KeepCheckpoints);
        BatchesPerEpoch = (train.Count + config.BatchSize - 1) / config.BatchSize;
        StepsPerEpoch = (BatchesPerEpoch + config.GradientAccumulationSteps - 1) / config.GradientAccumulationSteps;
        TotalSteps = config.MaxSteps > 0 ? config.MaxSteps : (long)Math.Ceiling(config.Epochs * StepsPerEpoch);
        if (folders.ResumeFrom is not null)
        {
            Restore(folders.ResumeFrom);
        }
    }

    public long Parameters { get; }

    public long TrainableParameters => _learner.TrainableParameters;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; }

    /// <summary>True when all is torch's operators: asked for, or on a GPU.</summary>
    public bool IsPlain => _learner.IsPlain;

    /// <summary><c>fp32</c> or <c>bf16</c>: what <c>auto</c> came to.</summary>
    public string Precision { get; }

    public long BatchesPerEpoch { get; }

    public long StepsPerEpoch { get; }

    public long TotalSteps { get; }

    /// <summary>Steps done before this training began: those of the checkpoint.</summary>
    public long Step => _state.Step;

    public TrainingResult Run()
    {
        var schedule = LearningRateSchedule.Create(_config.LrScheduler, _config.WarmupRatio, TotalSteps);
        var (plan, planned) = (Array.Empty<int[]>(), -1);
        var evaluated = -1L;
        while (_state.Step < TotalSteps)
        {
            var orders = _hooks.Orders();
            if (orders.Cancel)
            {
                return new TrainingResult(TrainingEnd.Cancelled, _state.Step, _state.Best?.Step ?? 0, _state.Best);
            }

            if (orders.Stop)
            {
                if (!_shelf.Has(_state.Step))
                {
                    Save(isBest: false);
                }

                return Finish(TrainingEnd.Stopped);
            }

            _state = _state with { LearningRate = orders.LearningRate ?? _state.LearningRate };
            var epoch = (int)(_state.Step / StepsPerEpoch);
            if (epoch != planned)
            {
                (plan, planned) = (PlanOf(epoch), epoch);
            }

            var first = (int)(_state.Step % StepsPerEpoch) * _config.GradientAccumulationSteps;
            TakeStep(plan[first..Math.Min(first + _config.GradientAccumulationSteps, plan.Length)], schedule);

            // Here the step is done and reported; what follows only looks at it or saves it.
            var isLast = _state.Step == TotalSteps;
            var improved = false;
            if (orders.EvaluateNow || isLast || IsDue(_config.EvalSteps, _state.Step, StepsPerEpoch))
            {
                improved = EvaluateAndCompare();
                evaluated = _state.Step;
            }

            if (orders.CheckpointNow || improved || isLast || (_config.SaveSteps > 0 ? _state.Step % _config.SaveSteps == 0 : evaluated == _state.Step))
            {
                Save(improved);
            }

            if (_config.EarlyStoppingPatience > 0 && _state.EvaluationsWithoutBetter >= _config.EarlyStoppingPatience)
            {
                return Finish(TrainingEnd.EarlyStopped);
            }
        }

        return Finish(TrainingEnd.Completed);
    }

    /// <summary>Evaluates the weights as they are now.</summary>
    public EvaluationReport Evaluate(ClassificationRows rows, string split)
    {
        var began = Stopwatch.GetTimestamp();
        _learner.BringUpToDate();
        var logits = _validationFeatures is not null && rows == _validation
            ? ClassifierScoring.Score(rows, ClassifierScoring.Plan(rows, _config.EvalBatchSize), FrozenLogits, Evaluating)
            : ClassifierScoring.Score(rows, _config.EvalBatchSize, _model.Config.PadTokenId, _learner.Logits, Evaluating);
        return ClassificationEvaluation.Report(rows, logits, _model.Labels, split, _state.Step, Stopwatch.GetElapsedTime(began));

        void Evaluating(int done) => _hooks.Evaluating(done, rows.Count);
    }

    public void Dispose()
    {
        _trainFeatures?.Dispose();
        _validationFeatures?.Dispose();
        _learner.Dispose();
    }

    private int[][] PlanOf(int epoch) => BatchPlan.Epoch(_lengths, _config.BatchSize, _config.GroupByLength, _config.Seed, epoch);

    private float[][] FrozenLogits(int[] rows)
    {
        using var features = _validationFeatures!.Of(rows);
        return _learner.Logits(features);
    }

    private static bool IsDue(int every, long step, long stepsPerEpoch) => step % (every > 0 ? every : stepsPerEpoch) == 0;

    private void TakeStep(int[][] batches, LearningRateSchedule schedule)
    {
        var began = Stopwatch.GetTimestamp();
        var loss = 0.0;
        var tokens = 0L;
        _learner.BeginStep(_state.Step);
        foreach (var rows in batches)
        {
            loss += Accumulate(rows, 1.0 / batches.Length);
            tokens += rows.Sum(r => (long)_lengths[r]);
        }

        var rate = (_state.LearningRate ?? _config.LearningRate) * schedule.Factor(_state.Step);
        var norm = double.IsFinite(loss) ? _learner.Step(rate) : double.NaN;
        var step = _state.Step + 1;
        if (!double.IsFinite(norm))
        {
            throw new InputException($"The {(double.IsFinite(loss) ? "gradient" : "loss")} is not a number at step {step}; lower learning_rate, or train in fp32, and resume from the last checkpoint.", "training.not_finite", step);
        }

        _state = _state with { Step = step, Tokens = _state.Tokens + tokens };
        _hooks.Stepped(new StepReport
        {
            Step = step,
            TotalSteps = TotalSteps,
            Epoch = (double)step / StepsPerEpoch,
            Loss = loss,
            LearningRate = rate,
            GradientNorm = norm,
            Tokens = tokens,
            Rows = batches.Sum(b => b.Length),
            TotalTokens = _state.Tokens,
            Took = Stopwatch.GetElapsedTime(began),
        });
    }

    private float Accumulate(int[] rows, double share)
    {
        using var labels = _train.LabelsOf(rows);
        if (_trainFeatures is not null)
        {
            using var features = _trainFeatures.Of(rows);
            return _learner.Accumulate(features, labels, share);
        }

        if (_learner.WantsPacked)
        {
            using var packed = _train.Pack(rows, _model.Config.PadTokenId);
            return _learner.Accumulate(packed, labels, share);
        }

        using var batch = _train.Batch(rows, _model.Config.PadTokenId);
        return _learner.Accumulate(batch, labels, share);
    }

    private bool EvaluateAndCompare()
    {
        var report = Evaluate(_validation, "validation");
        _hooks.Evaluated(report);
        var improved = _state.Best is null || Value(report) > Value(_state.Best);
        _state = _state with
        {
            Best = improved ? report with { Wrong = [] } : _state.Best,
            EvaluationsWithoutBetter = improved ? 0 : _state.EvaluationsWithoutBetter + 1,
        };
        return improved;
    }

    private double Value(EvaluationReport report) => _config.MetricForBest switch
    {
        "accuracy" => report.Accuracy,
        "loss" => -report.Loss,
        _ => report.F1,
    };

    private void Save(bool isBest)
    {
        _hooks.Saving();
        using var generator = get_rng_state();
        _state = _state with
        {
            TotalSteps = TotalSteps,
            Precision = Precision,
            DropoutCounter = _learner.DropoutCounter,
            Generator = Convert.ToBase64String(generator.bytes),
        };
        var deleted = _shelf.Save(_model, _learner, _state, isBest);
        _hooks.Saved(new CheckpointReport(_state.Step, _shelf.PathOf(_state.Step), isBest, deleted));
    }

    /// <summary>Leaves the best weights (or the last, when nothing was evaluated) as the model folder.</summary>
    private TrainingResult Finish(TrainingEnd end)
    {
        _shelf.Publish(_shelf.Best ?? (_shelf.Has(_state.Step) ? _shelf.PathOf(_state.Step) : _folders.ResumeFrom!));
        return new TrainingResult(end, _state.Step, _state.Best?.Step ?? _state.Step, _state.Best);
    }

    private void Restore(string checkpoint)
    {
        _learner.LoadOptimizer(Path.Combine(checkpoint, CheckpointShelf.OptimizerFile));
        var best = _state.Best?.Step == _state.Step ? checkpoint
            : _state.BestCheckpoint is { } relative ? Path.GetFullPath(Path.Combine(checkpoint, relative)) : null;
        if (best is not null && Directory.Exists(best) && (best == checkpoint || CheckpointSeal.FindDamage(best) is null))
        {
            _shelf.Best = best;
        }
        else
        {
            _state = _state with { Best = null };   // its weights are gone or damaged: whatever comes next is the best there is
        }

        _learner.DropoutCounter = _state.DropoutCounter;
        using var generator = tensor(Convert.FromBase64String(_state.Generator));
        set_rng_state(generator);
    }
}
