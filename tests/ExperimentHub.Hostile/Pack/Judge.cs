using System.Text.Json;
using System.Text.RegularExpressions;

namespace ExperimentHub.Hostile.Pack;

/// <summary>Holds an answer against what a case asks for.</summary>
internal static partial class Judge
{
    private const int LongestSentence = 600;

    public static IEnumerable<string> Faults(HostileCase hostile, CaseAnswer answer, string root)
    {
        foreach (var fault in answer.Faults)
        {
            yield return fault;
        }

        if (answer.Outcome is null)
        {
            yield break;
        }

        if (answer.Outcome != hostile.Expect && !hostile.AlsoOk.Contains(answer.Outcome))
        {
            yield return $"{answer.Outcome} instead of {string.Join(" or ", hostile.AlsoOk.Prepend(hostile.Expect))}: {string.Join(" | ", answer.Messages)}";
        }

        foreach (var fault in Sentences(hostile, answer, root).Concat(Limits(hostile, answer)))
        {
            yield return fault;
        }

        if (answer.Outcome != CaseAnswer.Refuse && hostile.Facts is { } facts)
        {
            foreach (var fact in facts.EnumerateObject())
            {
                if (answer.Facts.TryGetValue(fact.Name, out var found) && !Fits(fact.Value, found))
                {
                    yield return $"{fact.Name} is {Cut(found.GetRawText())} instead of {Cut(fact.Value.GetRawText())}";
                }
            }
        }
    }

    private static IEnumerable<string> Sentences(HostileCase hostile, CaseAnswer answer, string root)
    {
        foreach (var sentence in answer.Messages)
        {
            var wrong = sentence.Length is 0 or > LongestSentence ? $"has {sentence.Length} characters"
                : sentence.Any(char.IsControl) ? "has a control character"
                : sentence.Contains(root, StringComparison.Ordinal) || sentence.Contains(AppContext.BaseDirectory, StringComparison.Ordinal) ? "names a path of this machine"
                : ExceptionType().IsMatch(sentence) ? "names a type of exception"
                : StackTrace().IsMatch(sentence) ? "is a stack trace"
                : null;
            if (wrong is not null)
            {
                yield return $"the message {wrong}: {Cut(sentence)}";
            }
        }

        var all = string.Join('\n', answer.Messages);
        foreach (var wanted in answer.Outcome == CaseAnswer.Accept ? [] : hostile.MustName)
        {
            if (!wanted.Split('|').Any(w => Names(all, w)))
            {
                yield return $"the message does not name '{wanted}': {Cut(all)}";
            }
        }

        var shown = string.Join('\n', answer.Shown.Append(all));
        foreach (var hidden in hostile.MustNotShow)
        {
            if (shown.Contains(hidden, StringComparison.Ordinal))
            {
                yield return $"'{Cut(hidden)}' is shown";
            }
        }
    }

    private static IEnumerable<string> Limits(HostileCase hostile, CaseAnswer answer)
    {
        if (answer.Seconds > hostile.Seconds)
        {
            yield return $"took {answer.Seconds:F1} s of processor time instead of at most {hostile.Seconds}";
        }

        if (answer.Megabytes > hostile.LimitMb)
        {
            yield return $"took {answer.Megabytes:F0} MB instead of at most {hostile.LimitMb}";
        }
    }

    /// <summary>Short strings and numbers must stand alone.</summary>
    internal static bool Names(string text, string wanted)
    {
        var alone = wanted.Length <= 3 || wanted.All(char.IsAsciiDigit);
        for (var at = 0; (at = text.IndexOf(wanted, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + wanted.Length;
            if (!alone || ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A list of numbers means any of them, where one number is asked for.</summary>
    private static bool Fits(JsonElement wanted, JsonElement found) =>
        JsonElement.DeepEquals(wanted, found)
        || (wanted.ValueKind == JsonValueKind.Array && found.ValueKind == JsonValueKind.Number && wanted.EnumerateArray().Any(w => JsonElement.DeepEquals(w, found)));

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";

    [GeneratedRegex(@"\b[A-Z]\w+Exception\b")]
    private static partial Regex ExceptionType();

    [GeneratedRegex(@"\bat \w+(\.\w+)+\(")]
    private static partial Regex StackTrace();
}
