using System.Net;
using System.Net.Sockets;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>
/// The rule of where a download may lead, so that a hub (or who answers in its place) cannot make this machine ask others in its network:
/// <list type="bullet">
/// <item>The endpoint itself is the choice of whoever runs the server and may be anywhere, also at a private address and without TLS.</item>
/// <item>A redirect leads to the endpoint's own host (on any port, for the storage beside a mirror), in the endpoint's scheme or in https;</item>
/// <item>or to another host, then by https only, and its address must be a public one. The name is resolved once and the connection goes to
/// that address, so a name cannot change its meaning between the look and the call. A proxy that the environment sets does this itself.</item>
/// </list>
/// </summary>
internal sealed class ModelHubAddresses(Uri endpoint)
{
    /// <exception cref="InputException">The redirect leads to where nobody goes.</exception>
    public void Check(Uri target)
    {
        var isOwn = IsOwnHost(target.Host);
        if (target.UserInfo.Length > 0 || !(target.Scheme == Uri.UriSchemeHttps || (isOwn && target.Scheme == endpoint.Scheme)))
        {
            throw Refused(target.Host);
        }

        // What a proxy resolves is not resolved here; an address in figures is seen all the same.
        if (!isOwn && IPAddress.TryParse(target.Host.Trim('[', ']'), out var address) && !IsPublic(address))
        {
            throw Refused(target.Host);
        }
    }

    /// <summary>Opens the connections of the client: <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isChosen = IsOwnHost(host) || IsProxy(context);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = isChosen ? addresses : [.. addresses.Where(IsPublic)];
        if (allowed.Length == 0)
        {
            throw Refused(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>False for every address that means something only in some network: private, loopback, link-local (where clouds keep secrets), shared, multicast …</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }

        var bytes = address.GetAddressBytes();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => (bytes[0], bytes[1], bytes[2]) switch
            {
                (0 or 10 or 127 or >= 224, _, _) => false,
                (100, >= 64 and < 128, _) => false,
                (169, 254, _) => false,
                (172, >= 16 and < 32, _) => false,
                (192, 168, _) => false,
                (192, 0, 0 or 2) => false,
                (198, 18 or 19, _) => false,
                (198, 51, 100) => false,
                (203, 0, 113) => false,
                _ => true,
            },
            // 2000::/3 is what is given out; of it, documentation, tunnels that hold an IPv4 address, and translated ones are left out.
            AddressFamily.InterNetworkV6 => (bytes[0] & 0xE0) == 0x20 && (bytes[0], bytes[1]) != (0x20, 0x02) && !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] is 0 or 0x0D),
            _ => false,
        };
    }

    private static InputException Refused(string host) => new(
        $"The model hub leads to {InputException.Quote(host, 100)}, which is no public address over https; nothing is fetched from there.", "model_hub.address", InputException.Quote(host, 100));

    private static bool IsProxy(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage.RequestUri is { } uri && HttpClient.DefaultProxy.GetProxy(uri) is { } proxy &&
        string.Equals(proxy.Host, context.DnsEndPoint.Host, StringComparison.OrdinalIgnoreCase) && proxy.Port == context.DnsEndPoint.Port;

    private bool IsOwnHost(string host) => string.Equals(host.Trim('[', ']'), endpoint.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
}
