using System.Globalization;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Charts;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Runs.Pages;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;

namespace ExperimentHub.Web.Compare;

/// <summary>Runs side by side: first whether one is better, then what proves it, then what differs.</summary>
public sealed partial class ComparePage(ProjectAccess access)
{
    private const int MaxRuns = 8;

    private static readonly string[] s_charts = ["eval_f1", "eval_loss", "train_loss"];
    private static readonly string[] s_metrics =
    [
        "eval_accuracy", "eval_f1", "eval_precision", "eval_recall", "eval_loss", "test_accuracy", "test_f1", "test_precision", "test_recall", "test_loss",
        "train_loss", "samples_per_second", "system_memory_mb",
    ];

    private List<RunState> _states = [];
    private IReadOnlyList<Run> _all = [];
    private Dictionary<int, EvaluationReport?> _reports = [];
    private bool _loaded;
    private string? _shown;
    private Watch? _watch;
    private LivePoints? _live;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "runs")]
    private string? RunList { get; set; }

    private IEnumerable<Run> Others => _all.Where(r => r.StartedAt is not null && _states.All(s => s.Run.Id != r.Id));

    private IEnumerable<string> MetricKeys => s_metrics.Where(k => _states.Any(s => ValueOf(s, k) is not null));

    /// <summary>Settings in which not all agree; model and data set count as settings here.</summary>
    private IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Differing
    {
        get
        {
            var columns = _states.Select(s => SettingValue.Of(s.Config)
                .Select(v => (v.Name, v.Text))
                .Prepend(("dataset", ContentName(s.Config.Dataset))).Prepend(("model", ContentName(s.Config.Model))).ToList()).ToList();
            return [.. Enumerable.Range(0, columns[0].Count)
                .Select(i => (columns[0][i].Item1, (IReadOnlyList<string>)[.. columns.Select(c => c[i].Item2)]))
                .Where(row => row.Item2.Distinct().Count() > 1)];
        }
    }

    private string Headline
    {
        get
        {
            if (_states.Count > 2)
            {
                var best = _states.Where(s => s.Best is not null).MaxBy(s => s.HigherIsBetter ? s.Best!.Value.Value : -s.Best!.Value.Value);
                return best is null ? L["NothingYet"] : L["BestOf", best.Run.Name, MetricName(best.BestKey), Metric.Text(best.BestKey, best.Best!.Value.Value)];
            }

            return Judged switch
            {
                null => L["NothingYet"],
                { IsClear: false } => L["NotClear"],
                { Difference: > 0 } v => L["Better", "B", Points(v.Difference)],
                { } v => L["Better", "A", Points(-v.Difference)],
            };
        }
    }

    private string Evidence => Judged is { } v && _states.Count == 2
        ? L["Evidence", Numbers.Signed(100 * v.Difference), Numbers.Signed(100 * v.Low), Numbers.Signed(100 * v.High), Numbers.Count(v.Rows)]
        : _states.Count > 2 ? L["Many"] : L["NothingYetText"];

    private Verdict? Judged => _reports.GetValueOrDefault(_states[0].Run.Id) is { } a && _reports.GetValueOrDefault(_states[1].Run.Id) is { } b ? Verdict.Of(a, b) : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == RunList && _loaded)
        {
            return;
        }

        _shown = RunList;
        await LoadAsync();
        _watch?.Dispose();
        if (RendererInfo.IsInteractive)
        {
            _live = new LivePoints(Reader, Js);
            _watch = new Watch(Events, () => InvokeAsync(RefreshAsync), DispatchExceptionAsync);
            foreach (var state in _states)
            {
                _live.Begin(state);
                _watch.On(HubEvents.Run(state.Run.Id));
            }
        }
    }

    public void Dispose() => _watch?.Dispose();

    private async Task RefreshAsync()
    {
        await LoadAsync();
        await _live!.PushAsync(_states);
        StateHasChanged();
    }

    private async Task LoadAsync()
    {
        _all = await Runs.ListAsync(Workspace.ProjectIds);
        var states = new List<RunState>();
        foreach (var id in (RunList ?? "").Split(',').Select(s => int.TryParse(s, CultureInfo.InvariantCulture, out var n) ? n : 0).Distinct().Take(MaxRuns))
        {
            if (await Runs.FindAsync(id) is { } run && await access.AllowsAsync(Workspace.User, run.ProjectId, Projects.Access.Read))
            {
                states.Add(RunState.Of(run, Reader));
            }
        }

        _states = states;
        _reports = states.ToDictionary(s => s.Run.Id, s => Files.Evaluation<EvaluationReport>(s.Run.Id, "validation"));
        _loaded = true;
    }

    private IReadOnlyList<ChartSeries> SeriesOf(string key) =>
        CurvesOf(key, _states.Select(s => (s.Run.Id, s.Run.Name, s.Color)), _states[0].Run.Id);

    /// <summary>A is what the differences refer to, so it moves to the front.</summary>
    private void MakeBaseline(RunState state) => Go(_states.OrderBy(s => s != state).Select(s => s.Run.Id));

    private void Go(IEnumerable<int> ids) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("runs", string.Join(',', ids)), replace: true);

    /// <summary>The best of the metric that decides, else the last value.</summary>
    private static double? ValueOf(RunState state, string key) => key == state.BestKey ? state.Best?.Value : state.Last(key) ?? state.Attempt?.Finished?.Values?.Cast<KeyValuePair<string, double>?>().FirstOrDefault(v => v!.Value.Key == key)?.Value;

    private bool IsBest(string key, double? value) => value is { } v && Metric.HigherIsBetter(key) is { } higher
        && _states.All(s => ValueOf(s, key) is not { } other || (higher ? other <= v : other >= v));

    private string MetricName(string key) => R["Metric_" + key] is { ResourceNotFound: false } name ? name : key;

    private static string Points(double share) => Numbers.Significant(100 * share, 3);

    private static string Letter(int index) => ((char)('A' + index)).ToString();

    private static string ContentName(string hash) => hash.Length > 8 ? hash[..8] + "…" : hash;
}
