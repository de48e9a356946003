using System.Globalization;

namespace ExperimentHub.Benchmarks;

/// <summary><c>--name number</c> pairs.</summary>
internal sealed class Options(string[] arguments)
{
    public double Number(string name, double otherwise)
    {
        var at = Array.IndexOf(arguments, "--" + name);
        return at >= 0 && at + 1 < arguments.Length ? double.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    public int Integer(string name, int otherwise) => (int)Number(name, otherwise);
}
