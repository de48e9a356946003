using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Worker;

/// <summary>Turns what the training loop says into events, and what <c>control.jsonl</c> says into orders for the loop.</summary>
internal sealed class TrainingReporter : IDisposable
{
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(1);

    private readonly JobContext _context;
    private readonly RunConfig _config;
    private readonly Action<StepReport>? _console;
    private readonly ControlReader _control;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly List<StepReport> _window = [];
    private string _stage = "";
    private long _progressAt;
    private long _began;
    private long _firstStep;
    private double _fraction;
    private volatile bool _stopAsked;

    public TrainingReporter(JobContext context, RunConfig config, Action<StepReport>? console)
    {
        _context = context;
        _config = config;
        _console = console;
        _control = new ControlReader(context.Folder, context.Header.Token);
        // Ctrl+C at a terminal and a machine that shuts down ask for the same: save, then end. A second Ctrl+C ends at once.
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnSignal);
    }

    public TrainingHooks Hooks => new()
    {
        Orders = ReadOrders,
        Stepped = Stepped,
        Evaluating = (done, total) => Progress("evaluating", done, total, _fraction),
        Evaluated = report => Evaluated(report, report.Step),
        Saving = () => Progress("saving", _context.Events.Step, null, _fraction),
        Saved = Saved,
    };

    /// <summary>The newest training values, for the last event.</summary>
    public IReadOnlyDictionary<string, double> LastValues { get; private set; } = new Dictionary<string, double>();

    public void Log(string text, string level = "info") => _context.Events.Log(text, level);

    public void Started(ClassifierTraining training, TrainingData data, int trainRows, IReadOnlyDictionary<string, string> facts)
    {
        (_began, _firstStep) = (Stopwatch.GetTimestamp(), training.Step);
        _context.Events.Step = training.Step;
        _context.Events.Write(new StartedEvent
        {
            Attempt = _context.Header.Attempt,
            Device = training.Device,
            Parameters = training.Parameters,
            TrainableParameters = training.TrainableParameters,
            Step = training.Step,
            TotalSteps = training.TotalSteps,
            Environment = facts,
        });
        Log($"{trainRows} training, {data.Validation.Count} validation and {data.Test.Count} test rows; {training.TotalSteps} steps of {_config.BatchSize * _config.GradientAccumulationSteps} rows in {training.Precision}.");
        foreach (var note in data.Notes)
        {
            Log(note, "warning");
        }
    }

    /// <summary>At most one event a second, but the first and the last of a stage.</summary>
    public void Progress(string stage, long done, long? total, double fraction, double? secondsLeft = null)
    {
        if (stage == _stage && Stopwatch.GetElapsedTime(_progressAt) < s_progressEvery && done != total)
        {
            return;
        }

        (_stage, _progressAt) = (stage, Stopwatch.GetTimestamp());
        _context.Events.Write(new ProgressEvent { Stage = stage, Done = done, Total = total, Fraction = Math.Round(fraction, 4), SecondsLeft = secondsLeft });
    }

    /// <summary>The report is complete on disk before the event names it.</summary>
    public void Evaluated(EvaluationReport report, long step)
    {
        var relative = $"evaluations/step-{report.Step:000000}-{report.Split}.json";
        var path = _context.Folder.At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(report, WireJson.Indented));
        _context.Events.Write(new MetricsEvent { Step = step, Epoch = _window.Count > 0 ? _window[^1].Epoch : null, Values = report.Values() });
        _context.Events.Write(new EvaluationEvent { Step = report.Step, Split = report.Split, Path = relative });
        Log(FormattableString.Invariant($"Step {report.Step}, {report.Split}: accuracy {report.Accuracy:0.0000}, F1 {report.F1:0.0000}, loss {report.Loss:0.0000} over {report.Rows} rows in {report.Seconds:0.0} s."));
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Stepped(StepReport step)
    {
        _context.Events.Step = step.Step;
        _window.Add(step);
        _console?.Invoke(step);
        if (step.Step == _firstStep + 1 || step.Step % _config.LoggingSteps == 0 || step.Step == step.TotalSteps)
        {
            var seconds = _window.Sum(s => s.Took.TotalSeconds);
            LastValues = new Dictionary<string, double>
            {
                ["train_loss"] = _window.Average(s => s.Loss),
                ["learning_rate"] = step.LearningRate,
                ["grad_norm"] = step.GradientNorm,
                ["epoch"] = step.Epoch,
                ["tokens_per_second"] = Math.Round(_window.Sum(s => s.Tokens) / seconds, 1),
                ["samples_per_second"] = Math.Round(_window.Sum(s => s.Rows) / seconds, 2),
                ["system_memory_mb"] = Math.Round(Environment.WorkingSet / 1048576.0, 1),
            };
            _context.Events.Write(new MetricsEvent { Step = step.Step, Epoch = step.Epoch, Tokens = step.TotalTokens, Values = LastValues });
            _window.Clear();
        }

        var perStep = Stopwatch.GetElapsedTime(_began).TotalSeconds / (step.Step - _firstStep);   // evaluations and saving included
        _fraction = (double)step.Step / step.TotalSteps;
        Progress("training", step.Step, step.TotalSteps, _fraction, Math.Round((step.TotalSteps - step.Step) * perStep, 1));
    }

    private void Saved(CheckpointReport checkpoint) => _context.Events.Write(new CheckpointEvent
    {
        Step = checkpoint.Step,
        Path = Relative(checkpoint.Folder),
        Best = checkpoint.Best,
        Deleted = checkpoint.Deleted.Count == 0 ? null : [.. checkpoint.Deleted.Select(Relative)],
    });

    private string Relative(string folder) => Path.GetRelativePath(_context.Folder.Path, folder).Replace('\\', '/');

    private TrainingOrders ReadOrders()
    {
        var orders = new TrainingOrders { Stop = _stopAsked };
        foreach (var command in _control.Read())
        {
            Log($"Asked to {command.Command}{(command.Value is null ? "" : $" {command.Value.ToJsonString()}")}.");
            orders = command.Command switch
            {
                Commands.Stop => orders with { Stop = true },
                Commands.Cancel => orders with { Cancel = true },
                Commands.CheckpointNow => orders with { CheckpointNow = true },
                Commands.EvaluateNow => orders with { EvaluateNow = true },
                Commands.SetLearningRate => orders with { LearningRate = command.Value!.GetValue<double>() },
                _ => orders,
            };
        }

        foreach (var ignored in _control.Ignored)
        {
            Log(ignored, "warning");
        }

        _control.Ignored.Clear();
        return orders;
    }

    private void StopOnSignal(PosixSignalContext signal)
    {
        signal.Cancel = !_stopAsked;
        _stopAsked = true;
    }
}
