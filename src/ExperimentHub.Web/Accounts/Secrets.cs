using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ExperimentHub.Web.Accounts;

/// <summary>Random secrets for links and keys. They carry 256 bits, so a plain hash is enough to keep them.</summary>
internal static class Secrets
{
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
