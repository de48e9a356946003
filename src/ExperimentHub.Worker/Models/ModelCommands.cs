using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Models;

/// <summary>Imports a model by hand: a job's folder, a Hugging Face folder, an archive of one, one of a model hub, or the starter.</summary>
internal static class ModelCommands
{
    private const string HubPrefix = "hf:";

    public static async Task<int> Import(string[] arguments)
    {
        var store = Path.Combine(Environment.CurrentDirectory, "store");
        if (Array.IndexOf(arguments, "--store") is var at and >= 0 && at + 1 < arguments.Length)
        {
            store = Path.GetFullPath(arguments[at + 1]);
            arguments = [.. arguments[..at], .. arguments[(at + 2)..]];
        }

        if (arguments is not [var source])
        {
            throw new InputException("Name a folder, an archive, hf:owner/name or starter: worker import-model SOURCE [--store DIR].", "worker.usage");
        }

        var folder = new JobFolder(source);
        if (File.Exists(folder.RunFile))
        {
            return await JobHost.RunAsync(folder);
        }

        var chosen = source.StartsWith(HubPrefix, StringComparison.Ordinal) ? OfHub(source[HubPrefix.Length..])
            : source == "starter" ? new ModelImport { From = ModelImport.FromStarter }
            : Directory.Exists(source) ? new ModelImport { From = ModelImport.FromFolder, Path = Path.GetFullPath(source) }
            : new ModelImport { From = ModelImport.FromArchive, Path = Path.GetFullPath(source) };
        var info = chosen.From == ModelImport.FromHub
            ? await HubImport.RunAsync(chosen, store, progress: null, CancellationToken.None)
            : ModelImporter.Import(chosen, store);
        Console.WriteLine($"{info.Name}: {info.Architecture}, {info.Parameters / 1e6:F1} M parameters, {info.Layers} layers, {info.Dtype}");
        foreach (var warning in info.Warnings)
        {
            Console.WriteLine($"! {warning}");
        }

        Console.WriteLine(Path.Combine(store, "models", info.Hash));
        return 0;
    }

    private static ModelImport OfHub(string name) =>
        name.Split('@', 2) is [var repository, var revision]
            ? new() { From = ModelImport.FromHub, Repository = repository, Revision = revision }
            : new() { From = ModelImport.FromHub, Repository = name };
}
