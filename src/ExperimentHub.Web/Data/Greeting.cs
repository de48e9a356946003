using ExperimentHub.Web.Accounts;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ExperimentHub.Web.Data;

/// <summary>Says on the console where the hub is and, until there is an administrator, the link that makes one.</summary>
internal sealed class Greeting(IServer server, LinkService links, HubPaths paths)
{
    /// <summary>An address of this hub that works on this machine.</summary>
    public string Address
    {
        get
        {
            var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5080";
            return address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
                .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal).TrimEnd('/');
        }
    }

    public async Task SayAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"ExperimentHub is at {Address}  (data in {paths.Root})");
        if (await links.NewFirstAdminLinkAsync(cancellationToken) is { } link)
        {
            Console.WriteLine("There is no administrator yet. Open this link once to make the account; it is good for a day:");
            Console.WriteLine($"  {Address}{link}");
        }
    }
}
