using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Brings an adapter of PEFT into the store (<c>adapters/HASH</c>), held against its base. Only its configuration, its tensors and its card
/// are taken, and written anew: a pickle becomes safetensors on the way.
/// </summary>
public static class AdapterImporter
{
    private const long LargestAdapter = 50L << 30;
    private const string Card = "README.md";

    private static readonly string[] s_files = [AdapterConfig.FileName, AdapterWeights.FileName, AdapterWeights.PickleName, Card];

    /// <exception cref="InputException">There is no adapter that is read here, or it fits no base.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left in the store.</exception>
    public static AdapterInfo Import(AdapterImport chosen, string store, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        var adapters = Directory.CreateDirectory(Path.Combine(store, "adapters")).FullName;
        var (raw, temporary) = (Directory.CreateDirectory(Path.Combine(adapters, $"{Guid.NewGuid():n}.tmp")).FullName, Directory.CreateDirectory(Path.Combine(adapters, $"{Guid.NewGuid():n}.tmp")).FullName);
        try
        {
            Copy(chosen, raw, progress, cancellation);
            using var adapter = Adapter.Open(raw);
            var (basis, warnings) = AdapterBases.Find(adapter, chosen, store, cancellation);
            adapter.Write(temporary);
            if (File.Exists(Path.Combine(raw, Card)))
            {
                File.Copy(Path.Combine(raw, Card), Path.Combine(temporary, Card));
            }

            var hash = ModelHash.OfFolder(temporary);
            var final = Path.Combine(adapters, hash);
            if (!Directory.Exists(final))
            {
                AtomicFile.MoveDirectory(temporary, final);
            }

            return Describe(adapter, final) with { Hash = hash, Name = chosen.Name, Base = basis, Warnings = warnings };
        }
        finally
        {
            foreach (var folder in new[] { raw, temporary }.Where(Directory.Exists))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static AdapterInfo Describe(Adapter adapter, string folder)
    {
        var (config, weights) = (adapter.Config, adapter.Weights);
        var isLora = config.Method == AdapterMethod.Lora;
        return new AdapterInfo
        {
            Base = "",
            Method = config.IsWeightDecomposed ? "DORA" : config.Method.WireName(),
            Task = config.Task?.WireName(),
            Rank = isLora ? config.Rank : null,
            Alpha = isLora ? config.Alpha : null,
            VirtualTokens = config.Method.HasPrompt() ? config.VirtualTokens : null,
            Targets = [.. weights.Parts.Select(p => p.Module[(p.Module.LastIndexOf('.') + 1)..]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Modules = weights.Parts.Count,
            Saved = [.. weights.Saved.Keys.Order(StringComparer.Ordinal)],
            Parameters = weights.Entries.Sum(e => e.Elements),
            Bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length),
            CanMerge = !config.Method.HasPrompt(),
            MadeOn = config.BaseModel is { Length: > 0 } made ? InputException.Quote(made, 200) : null,
            Created = DateTimeOffset.UtcNow,
        };
    }

    private static void Copy(AdapterImport chosen, string target, Action<long, long>? progress, CancellationToken cancellation)
    {
        var (done, total) = (0L, 0L);
        if (Directory.Exists(chosen.Path))
        {
            var files = s_files.Select(f => new FileInfo(Path.Combine(chosen.Path, f))).Where(f => f.Exists).ToList();
            total = files.Sum(f => f.Length);
            foreach (var file in files)
            {
                using var source = file.OpenRead();
                Write(source, file.Name);
            }

            return;
        }

        var name = chosen.FileName ?? Path.GetFileName(chosen.Path);
        var archive = Archives.Archive.TryOpen(chosen.Path, name, LargestAdapter) ?? throw new InputException(
            $"{InputException.Quote(name)} is no zip or tar; pack the folder that PEFT's save_pretrained has written.", "adapter.no_archive", InputException.Quote(name));
        var config = archive.Entries.Where(e => e.FileName == AdapterConfig.FileName).MinBy(e => e.Name.Count(c => c == '/')) ?? throw new InputException(
            $"{InputException.Quote(name)} has no {AdapterConfig.FileName}; pack the folder that PEFT's save_pretrained has written.", "adapter.archive_no_config", InputException.Quote(name), AdapterConfig.FileName);
        var folder = config.Name[..^AdapterConfig.FileName.Length];
        var entries = archive.Entries.Where(e => e.Name == folder + e.FileName && s_files.Contains(e.FileName)).ToList();
        total = entries.Sum(e => e.Size);
        archive.Read(entries, (entry, content) => Write(content, entry.FileName));

        void Write(Stream source, string fileName)
        {
            using var written = new FileStream(Path.Combine(target, fileName), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
            var buffer = new byte[1 << 20];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                written.Write(buffer.AsSpan(0, read));
                done += read;
                progress?.Invoke(done, total);
            }
        }
    }
}
