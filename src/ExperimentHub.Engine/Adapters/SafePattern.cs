using System.Text.RegularExpressions;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// A regular expression from a stranger's file, held against whole names of modules. It runs on the engine that needs linear time; only
/// what that one does not know (looking ahead, referring back) runs on the other, and that one is stopped after a moment.
/// </summary>
internal sealed class SafePattern
{
    private const int Longest = 4000;

    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(200);

    private readonly Regex _regex;
    private readonly Func<string, InputException> _fault;

    /// <param name="pattern">As Python's <c>re</c> has it.</param>
    /// <param name="fault">Makes the error from what is wrong.</param>
    /// <exception cref="InputException">It is no regular expression.</exception>
    public SafePattern(string pattern, Func<string, InputException> fault)
    {
        _fault = fault;
        if (pattern.Length > Longest)
        {
            throw fault($"has {pattern.Length} characters, more than a pattern of names needs");
        }

        _regex = Build($@"\A(?:{pattern.Replace("(?P<", "(?<", StringComparison.Ordinal)})\z");
    }

    public bool Matches(string name)
    {
        try
        {
            return _regex.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            throw _fault("takes too long on the names of this model; write it without repetitions inside repetitions");
        }
    }

    private Regex Build(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_longest);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, s_longest);
        }
        catch (ArgumentException)
        {
            throw _fault("is no regular expression");
        }
    }
}
