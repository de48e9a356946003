using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Data;

/// <summary>Where things lie below the data directory.</summary>
public sealed class HubPaths
{
    public HubPaths(IOptions<HubOptions> options, IHostEnvironment environment)
    {
        Root = RootOf(options.Value, environment);
        Directory.CreateDirectory(Root);
        foreach (var folder in new[] { Store, Path.Combine(Store, "datasets"), Path.Combine(Store, "models"), Path.Combine(Store, "tokenizers"), Path.Combine(Store, "adapters"), Runs, Jobs, Uploads, Keys, Serving })
        {
            Directory.CreateDirectory(folder);
        }
    }

    public string Root { get; }

    /// <summary>The data directory; nothing is made.</summary>
    public static string RootOf(HubOptions options, IHostEnvironment environment) => Path.GetFullPath(options.DataDirectory, environment.ContentRootPath);

    public string HubDatabase => Path.Combine(Root, "hub.db");

    public string MetricsDatabase => Path.Combine(Root, "metrics.db");

    /// <summary>Content-addressed: <c>datasets/HASH</c>, <c>models/HASH</c>, <c>tokenizers/HASH</c> and <c>adapters/HASH</c>.</summary>
    public string Store => Path.Combine(Root, "store");

    public string Runs => Path.Combine(Root, "runs");

    public string Jobs => Path.Combine(Root, "jobs");

    public string Uploads => Path.Combine(Root, "uploads");

    /// <summary>Data-protection keys: a restart signs nobody out.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Which serving workers this hub started, so that the next hub can end what a killed one left.</summary>
    public string Serving => Path.Combine(Root, "serving");

    public string LockFile => Path.Combine(Root, "hub.lock");

    public string Dataset(string hash) => Path.Combine(Store, "datasets", hash);

    public string Model(string hash) => Path.Combine(Store, "models", hash);

    public string Tokenizer(string hash) => Path.Combine(Store, "tokenizers", hash);

    public string Adapter(string hash) => Path.Combine(Store, "adapters", hash);

    /// <summary>Folder of an attempt, from what the database holds (<c>runs/42/attempts/1</c>).</summary>
    public string At(string relative) => Path.Combine(Root, relative);

    /// <summary>The folder with appsettings.json and wwwroot: the repository's root in development, the program's own when published.</summary>
    public static string FindContentRoot()
    {
        // The program's own place comes first: a published hub started inside a repository must not take that one's files.
        foreach (var start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "appsettings.json")) && Directory.Exists(Path.Combine(folder.FullName, "wwwroot")))
                {
                    return folder.FullName;
                }
            }
        }

        return AppContext.BaseDirectory;
    }
}
