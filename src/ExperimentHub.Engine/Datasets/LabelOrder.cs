using System.Globalization;

namespace ExperimentHub.Engine.Datasets;

/// <summary>The order of class names, which decides their ids: numbers by value when all are numbers, else by code point.</summary>
internal static class LabelOrder
{
    /// <summary>More different values than this are no classes.</summary>
    internal const int MostLabels = 1000;

    internal static IReadOnlyList<string> Sort(IReadOnlyCollection<string> labels) =>
        labels.All(l => long.TryParse(l, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. labels.OrderBy(l => long.Parse(l, CultureInfo.InvariantCulture)).ThenBy(l => l, StringComparer.Ordinal)]
            : [.. labels.Order(StringComparer.Ordinal)];

    internal static InputException TooMany(string column) => new(
        $"The column '{InputException.Quote(column)}' has more than {MostLabels} different values, so it holds no labels; choose another column.",
        "dataset.too_many_labels",
        InputException.Quote(column),
        MostLabels);
}
