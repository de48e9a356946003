using System.Text.Json;
using ExperimentHub.Engine.Chat;

namespace ExperimentHub.Parity.Chat;

/// <summary>What differs between two results, and where first; null where nothing does.</summary>
internal static class Difference
{
    private const int Shown = 40;

    public static string? Text(string expected, string found)
    {
        if (expected == found)
        {
            return null;
        }

        var at = expected.AsSpan().CommonPrefixLength(found);
        return $"differs at {at} of {expected.Length}: {Part(found, at)} instead of {Part(expected, at)}";
    }

    public static string? Spans(JsonElement expected, IReadOnlyList<GenerationSpan> found)
    {
        var wanted = expected.EnumerateArray().Select(s => new GenerationSpan(s[0].GetInt32(), s[1].GetInt32())).ToList();
        return wanted.SequenceEqual(found) ? null : $"spans {string.Join(' ', found)} instead of {string.Join(' ', wanted)}";
    }

    private static string Part(string text, int at) => JsonSerializer.Serialize(text.Substring(at, Math.Min(Shown, text.Length - at)));
}
