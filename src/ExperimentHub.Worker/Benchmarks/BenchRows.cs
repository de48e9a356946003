using System.Globalization;
using System.Text;
using ExperimentHub.Engine;

namespace ExperimentHub.Worker;

/// <summary>The rows of a benchmark task, from the files as they lie in the reference's data folder.</summary>
internal static class BenchRows
{
    /// <summary>Texts and classes of the rows that <paramref name="list"/> numbers (data lines from 0), or of the first <paramref name="limit"/>.</summary>
    public static (List<string> Texts, int[] Labels) Read(string data, string task, string split, string? list, int limit)
    {
        List<(string Text, int Label)> rows = task switch
        {
            "sst2" => [.. File.ReadLines(Path.Combine(data, "sst2", split == "train" ? "train.tsv" : "test.tsv")).Skip(1).Select(l => l.Split('\t')).Select(c => (c[0], Class(c[1])))],
            "chnsenticorp" => [.. Records(Path.Combine(data, "chnsenticorp_htl", "ChnSentiCorp_htl_all.csv")).Skip(1).Where(r => r.Count > 1).Select(r => (r[1], Class(r[0])))],
            _ => throw new InputException($"worker bench train: there is no task {InputException.Quote(task)}; use sst2 or chnsenticorp.", "worker.usage"),
        };
        var chosen = list is null
            ? rows.Take(limit > 0 ? limit : rows.Count)
            : File.ReadLines(list).Where(l => l.Length > 0).Take(limit > 0 ? limit : int.MaxValue).Select(l => rows[int.Parse(l, CultureInfo.InvariantCulture)]);
        var taken = chosen.ToList();
        return ([.. taken.Select(r => r.Text)], [.. taken.Select(r => r.Label)]);
    }

    private static int Class(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);

    /// <summary>Comma-separated records with quoted cells (RFC 4180).</summary>
    private static IEnumerable<List<string>> Records(string path)
    {
        var text = File.ReadAllText(path);
        var (record, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    cell.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    record.Add(cell.ToString());
                    cell.Clear();
                    break;
                case '\n' when !quoted:
                    record.Add(cell.ToString().TrimEnd('\r'));
                    cell.Clear();
                    yield return record;
                    record = [];
                    break;
                default:
                    cell.Append(text[i]);
                    break;
            }
        }

        if (cell.Length > 0 || record.Count > 0)
        {
            record.Add(cell.ToString());
            yield return record;
        }
    }
}
