namespace ExperimentHub.Engine.ModelHubs;

/// <summary>Which hub is asked, and how patiently.</summary>
public sealed record ModelHubOptions
{
    public static Uri DefaultEndpoint { get; } = new("https://huggingface.co");

    /// <summary>The hub or a mirror of it, chosen by whoever runs the server; never by a request.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>A reader's token; it is sent to <see cref="Endpoint"/> and nowhere else, and stands in no message.</summary>
    public string? Token { get; init; }

    /// <summary>Waits before each repetition of a request that found the hub busy or was cut off; when all are used up, it is given up.</summary>
    public IReadOnlyList<TimeSpan> Waits { get; init; } = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(8)];

    /// <summary>A hub that asks for a longer wait is told to be busy instead.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection on which nothing came for this long is cut off.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>An endpoint as it stands in a setting.</summary>
    /// <exception cref="InputException">It is no address of a hub.</exception>
    public static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri is { UserInfo: "", Query: "", Fragment: "" }
            ? uri
            : throw new InputException($"{InputException.Quote(text)} is no address of a model hub; write one such as https://huggingface.co.", "model_hub.endpoint", InputException.Quote(text));
}
