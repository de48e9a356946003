using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Models;

/// <summary>Imports a model by hand: a job's folder, a Hugging Face folder, an archive of one, or the starter.</summary>
internal static class ModelCommands
{
    public static Task<int> Import(string[] arguments)
    {
        var store = Path.Combine(Environment.CurrentDirectory, "store");
        if (Array.IndexOf(arguments, "--store") is var at and >= 0 && at + 1 < arguments.Length)
        {
            store = Path.GetFullPath(arguments[at + 1]);
            arguments = [.. arguments[..at], .. arguments[(at + 2)..]];
        }

        if (arguments is not [var source])
        {
            throw new InputException("Name a folder, an archive or starter: worker import-model SOURCE [--store DIR].", "worker.usage");
        }

        var folder = new JobFolder(source);
        if (File.Exists(folder.RunFile))
        {
            return JobHost.RunAsync(folder);
        }

        var chosen = source == "starter" ? new ModelImport { From = ModelImport.FromStarter }
            : Directory.Exists(source) ? new ModelImport { From = ModelImport.FromFolder, Path = Path.GetFullPath(source) }
            : new ModelImport { From = ModelImport.FromArchive, Path = Path.GetFullPath(source) };
        var info = ModelImporter.Import(chosen, store);
        Console.WriteLine($"{info.Name}: {info.Architecture}, {info.Parameters / 1e6:F1} M parameters, {info.Layers} layers, {info.Dtype}");
        foreach (var warning in info.Warnings)
        {
            Console.WriteLine($"! {warning}");
        }

        Console.WriteLine(Path.Combine(store, "models", info.Hash));
        return Task.FromResult(0);
    }
}
