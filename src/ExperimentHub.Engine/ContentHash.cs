using System.Buffers;
using System.Security.Cryptography;

namespace ExperimentHub.Engine;

/// <summary>SHA-256 in lower-case hexadecimal: the address of everything in the content store.</summary>
public static class ContentHash
{
    public const int Length = 64;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    /// <summary>True for 64 lower-case hexadecimal digits, so for a name that can safely be part of a path.</summary>
    public static bool IsValid(string? text) => text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(s_digits);

    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
