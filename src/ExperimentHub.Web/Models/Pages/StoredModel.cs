using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>What the hub's row of a model keeps of its <c>model_info.json</c>.</summary>
internal static class StoredModel
{
    public static ModelInfo Info(Model model) => JsonSerializer.Deserialize<ModelInfo>(model.InfoJson, WireJson.Options)!;

    public static string Sentence(IStringLocalizer<ModelText> texts, Warning warning) => CodedText.Of(texts, "Warning_" + warning.Code, warning.Arguments, warning.Message);
}
