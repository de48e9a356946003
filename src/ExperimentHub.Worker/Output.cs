using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

internal static class Output
{
    /// <summary>One JSON object as one line of stdout.</summary>
    public static void Json<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, WireJson.Options));
}
