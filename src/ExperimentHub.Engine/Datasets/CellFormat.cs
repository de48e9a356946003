using System.Globalization;

namespace ExperimentHub.Engine.Datasets;

/// <summary>How values of typed columns are written as text, wherever a label or a cell is compared or shown.</summary>
internal static class CellFormat
{
    internal static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);

    internal static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    internal static string Of(bool value) => value ? "true" : "false";
}
