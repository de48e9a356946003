using System.Globalization;
using ExperimentHub.Engine;

namespace ExperimentHub.Worker;

/// <summary>The arguments of one command: <c>--name value</c>, <c>--switch</c>, and what stands alone. Whatever is not known is refused.</summary>
internal sealed class CommandLine
{
    private readonly string _command;
    private readonly Dictionary<string, List<string>> _options = new(StringComparer.Ordinal);

    /// <summary>Names are given without the dashes.</summary>
    public CommandLine(string command, IReadOnlyList<string> arguments, IReadOnlyCollection<string> options, IReadOnlyCollection<string> switches)
    {
        _command = command;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                Alone.Add(arguments[i]);
                continue;
            }

            var name = arguments[i][2..];
            var inline = name.IndexOf('=', StringComparison.Ordinal);
            var value = inline < 0 ? null : name[(inline + 1)..];
            name = inline < 0 ? name : name[..inline];
            if (switches.Contains(name) && value is null)
            {
                Add(name, "true");
            }
            else if (options.Contains(name))
            {
                Add(name, value ?? (++i < arguments.Count ? arguments[i] : throw Fault($"--{name} needs a value")));
            }
            else
            {
                throw Fault($"there is no --{InputException.Quote(name, 30)}; it takes {string.Join(' ', options.Concat(switches).Select(o => "--" + o))}");
            }
        }
    }

    public List<string> Alone { get; } = [];

    public bool Has(string name) => _options.ContainsKey(name);

    public string? Text(string name) => _options.TryGetValue(name, out var values) ? values[^1] : null;

    public string Required(string name) => Text(name) ?? throw Fault($"--{name} is missing");

    /// <summary>Each value of an option that may come several times.</summary>
    public IReadOnlyList<string> All(string name) => _options.TryGetValue(name, out var values) ? values : [];

    public int Integer(string name, int whenMissing) =>
        Text(name) is not { } text ? whenMissing
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fault($"--{name} must be a whole number, not {InputException.Quote(text, 30)}");

    public double Number(string name, double whenMissing) =>
        Text(name) is not { } text ? whenMissing
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fault($"--{name} must be a number, not {InputException.Quote(text, 30)}");

    public InputException Fault(string what) => new($"worker {_command}: {what.TrimEnd('.')}.", "worker.usage", _command, what);

    private void Add(string name, string value)
    {
        if (!_options.TryGetValue(name, out var values))
        {
            _options[name] = values = [];
        }

        values.Add(value);
    }
}
