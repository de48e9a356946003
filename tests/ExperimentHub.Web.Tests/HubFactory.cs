using System.Net.Http.Headers;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;

namespace ExperimentHub.Web.Tests;

/// <summary>The whole hub on a data directory of its own, with an administrator and a key.</summary>
public sealed class HubFactory : WebApplicationFactory<Program>
{
    public const string AdminEmail = "admin@example.org";
    public const string AdminPassword = "correct-horse-battery";
    public const string AdminKey = "test-key-of-the-administrator-0123456789";

    private readonly DirectoryInfo _own = Directory.CreateTempSubdirectory("experimenthub-test-");

    /// <summary>Set before the host starts: the directory of a hub before this one.</summary>
    public string? ExistingDirectory { get; init; }

    /// <summary>False: an empty hub, whose first visitor makes the administrator's account.</summary>
    public bool HasAdmin { get; init; } = true;

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public string DataDirectory => ExistingDirectory ?? _own.FullName;

    /// <summary>A client that sends the administrator's key.</summary>
    public HttpClient AdminClient() => ClientWithKey(AdminKey);

    public HttpClient ClientWithKey(string key)
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSolutionRelativeContentRoot(".", "*.sln");
        builder.UseSetting("ExperimentHub:DataDirectory", DataDirectory);
        if (HasAdmin)
        {
            builder.UseSetting("ExperimentHub:Admin:Email", AdminEmail);
            builder.UseSetting("ExperimentHub:Admin:Password", AdminPassword);
            builder.UseSetting("ExperimentHub:Admin:ApiKey", AdminKey);
        }

        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        foreach (var (name, value) in Settings)
        {
            builder.UseSetting(name, value);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _own.Delete(recursive: true);
    }
}
