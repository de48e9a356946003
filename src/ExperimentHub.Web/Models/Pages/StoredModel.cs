using System.Text.Json;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>What the hub's row of a model keeps of its <c>model_info.json</c>.</summary>
internal static class StoredModel
{
    public static ModelInfo Info(Model model) => JsonSerializer.Deserialize<ModelInfo>(model.InfoJson, WireJson.Options)!;
}
