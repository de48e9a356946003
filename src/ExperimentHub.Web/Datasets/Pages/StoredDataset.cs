using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>What the hub's row of a data set keeps of its <c>info.json</c>.</summary>
internal static class StoredDataset
{
    public static DatasetInfo? Info(DatasetVersion? version) =>
        version is null ? null : JsonSerializer.Deserialize<DatasetInfo>(version.InfoJson, WireJson.Options);
}
