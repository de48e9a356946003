using System.Globalization;
using System.Text.RegularExpressions;
using ExperimentHub.Web.Runs.Pages;

namespace ExperimentHub.Web.Runs.Table;

/// <summary>
/// <c>metrics.eval_f1 &gt; 0.9 and params.trainable = head and minilm</c>: comparisons joined by <c>and</c>; a word alone is looked for in the
/// name. What cannot be compared (a metric that a run has not) does not match.
/// </summary>
internal sealed partial class RunFilter
{
    private readonly List<Func<RunState, bool>> _clauses = [];

    public RunFilter(string? text)
    {
        foreach (var clause in And().Split(text ?? "").Select(c => c.Trim()).Where(c => c.Length > 0))
        {
            var match = Comparison().Match(clause);
            _clauses.Add(match.Success
                ? Compare(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value.Trim().Trim('"', '\''))
                : state => clause.Split(' ').All(word => state.Run.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
        }
    }

    public bool Matches(RunState state) => _clauses.TrueForAll(c => c(state));

    /// <summary>What a run says of a field: a number or a text; null when it has none.</summary>
    public static object? ValueOf(RunState state, string field)
    {
        var (kind, name) = field.Split('.', 2) is [var first, var second] ? (first, second) : ("", field);
        return kind switch
        {
            "metrics" => state.Last(name),
            "params" => SettingValue.Of(state.Config).FirstOrDefault(v => v.Name == name)?.Text,
            _ => name switch
            {
                "status" => state.Run.Status.ToString().ToLowerInvariant(),
                "name" => state.Run.Name,
                "id" => (double)state.Run.Id,
                _ => state.Last(name) is { } metric ? metric : SettingValue.Of(state.Config).FirstOrDefault(v => v.Name == name)?.Text,
            },
        };
    }

    private static Func<RunState, bool> Compare(string field, string sign, string wanted) => state =>
    {
        var value = ValueOf(state, field);
        if (value is null)
        {
            return false;
        }

        if (sign == "~")
        {
            return value.ToString()!.Contains(wanted, StringComparison.OrdinalIgnoreCase);
        }

        if (Number(value) is { } a && Number(wanted) is { } b)
        {
            return sign switch
            {
                "=" => a == b,
                "!=" => a != b,
                ">" => a > b,
                "<" => a < b,
                ">=" => a >= b,
                _ => a <= b,
            };
        }

        var same = string.Equals(value.ToString(), wanted, StringComparison.OrdinalIgnoreCase);
        return sign == "=" ? same : sign == "!=" && !same;
    };

    private static double? Number(object value) => value switch
    {
        double number => number,
        string text when double.TryParse(text.Replace('\u2212', '-'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    [GeneratedRegex(@"\s+and\s+", RegexOptions.IgnoreCase)]
    private static partial Regex And();

    [GeneratedRegex(@"^([A-Za-z_][\w.]*)\s*(>=|<=|!=|=|>|<|~)\s*(.+)$")]
    private static partial Regex Comparison();
}
