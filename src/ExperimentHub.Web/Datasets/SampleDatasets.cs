namespace ExperimentHub.Web.Datasets;

/// <summary>A data set that comes with the product.</summary>
/// <param name="Key">Its file's name without the ending.</param>
public sealed record SampleDataset(string Key, string File);

/// <summary>The bundled data sets: files of <c>Datasets/Samples</c>, copied beside the program.</summary>
public static class SampleDatasets
{
    public const string SentimentEnglish = "sentiment-en";

    public static IReadOnlyList<SampleDataset> All { get; } = Read();

    public static SampleDataset? Find(string key) => All.FirstOrDefault(s => s.Key == key);

    private static List<SampleDataset> Read()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Datasets", "Samples");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal).Select(f => new SampleDataset(Path.GetFileNameWithoutExtension(f), f))]
            : [];
    }
}
