using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Which modules of a base an adapter is for: a list of names (a module whose path is the name, or ends with a dot and the name), one
/// regular expression for the whole path, or <c>all-linear</c>; less those that <c>exclude_modules</c> names the same way; of a list only
/// those in <c>layers_to_transform</c>, where it is given. What is, or is within, a module of <c>modules_to_save</c> is learned whole and no target.
/// (Rules: PEFT's <c>check_target_module_exists</c>.)
/// </summary>
internal sealed partial class TargetModules
{
    public const string AllLinear = "all-linear";

    private const int MostNames = 10_000;

    private readonly IReadOnlyList<string> _layersPatterns;
    private readonly HashSet<int>? _layers;
    private readonly SafePattern? _pattern;
    private readonly SafePattern? _excludedPattern;
    private readonly IReadOnlyList<string> _excluded;
    private readonly IReadOnlyList<string> _saved;

    private TargetModules(ConfigFields fields)
    {
        (Names, var pattern) = NamesOrPattern(fields, "target_modules");
        IsAllLinear = pattern == AllLinear;
        Pattern = IsAllLinear ? null : pattern;
        _pattern = Pattern is null ? null : new SafePattern(Pattern, what => fields.Fault("target_modules", what));
        (_excluded, var excludedPattern) = NamesOrPattern(fields, "exclude_modules");
        _excludedPattern = excludedPattern is null ? null : new SafePattern(excludedPattern, what => fields.Fault("exclude_modules", what));
        _saved = fields.Texts("modules_to_save");
        _layers = Layers(fields);
        _layersPatterns = NamesOrPattern(fields, "layers_pattern") is var (list, one) && one is not null ? [one] : list;
    }

    /// <summary>The names of a list; empty when it is none.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The regular expression; null when it is none.</summary>
    public string? Pattern { get; }

    public bool IsAllLinear { get; }

    /// <exception cref="InputException">A field has a wrong type, or is no pattern.</exception>
    public static TargetModules Read(ConfigFields fields) => new(fields);

    public bool Matches(BaseModule module)
    {
        if (_excludedPattern?.Matches(module.Path) == true || _excluded.Any(n => IsOrEndsWith(module.Path, n)) || AdapterBase.Enclosing(module.Path).Any(path => _saved.Any(n => IsOrEndsWith(path, n))))
        {
            return false;
        }

        return IsAllLinear ? module is { Kind: ModuleKind.Linear or ModuleKind.Conv1D, IsOutput: false }
            : _pattern is not null ? _pattern.Matches(module.Path)
            : Names.Any(n => IsOrEndsWith(module.Path, n)) && IsInLayers(module.Path);
    }

    internal static bool IsOrEndsWith(string path, string name) =>
        path == name || (path.Length > name.Length && path[^(name.Length + 1)] == '.' && path.EndsWith(name, StringComparison.Ordinal));

    private static (IReadOnlyList<string> Names, string? Pattern) NamesOrPattern(ConfigFields fields, string name)
    {
        if (fields.Find(name) is { ValueKind: JsonValueKind.String })
        {
            return ([], fields.Text(name));
        }

        var names = fields.Texts(name);
        return names.Count <= MostNames ? (names, null) : throw fields.Fault(name, $"has {names.Count} names, more than a model has layers");
    }

    private static HashSet<int>? Layers(ConfigFields fields)
    {
        var wrong = fields.Fault("layers_to_transform", "must be a number of a layer or a list of them");
        return fields.Find("layers_to_transform") switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } one => one.TryGetInt32(out var layer) ? [layer] : throw wrong,
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var layer) ? layer : throw wrong)],
            _ => throw wrong,
        };
    }

    /// <summary>The number of a layer is the one after a name of <c>layers_pattern</c>, or the last one that stands between two dots.</summary>
    private bool IsInLayers(string path)
    {
        if (_layers is null)
        {
            return true;
        }

        var index = _layersPatterns.Count == 0
            ? LastNumber().Match(path) is { Success: true } match ? match.Groups[1].Value : null
            : _layersPatterns.Select(p => After(path, p)).FirstOrDefault(n => n is not null);
        return index is not null && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && _layers.Contains(layer);
    }

    private static string? After(string path, string pattern)
    {
        var parts = path.Split('.');
        var at = Array.FindLastIndex(parts, p => p == pattern);
        return at >= 0 && at + 1 < parts.Length && parts[at + 1].All(char.IsAsciiDigit) ? parts[at + 1] : null;
    }

    [GeneratedRegex(@"\A.*\.[^.]*\.(\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex LastNumber();
}
