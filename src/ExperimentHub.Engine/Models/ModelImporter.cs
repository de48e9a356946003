using System.Text.RegularExpressions;
using ExperimentHub.Engine.Archives;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Starters;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// Brings a Hugging Face folder into the store: only the files that a model needs, whatever else lies beside them. Pickles become
/// safetensors on the way, so nothing that reads the store ever meets one.
/// </summary>
public static partial class ModelImporter
{
    private const long LargestModel = 200L << 30;
    private const int CopyBuffer = 1 << 20;

    private static readonly string[] s_plainFiles =
    [
        "config.json", "README.md", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", .. ModelFolder.CompanionFiles,
    ];

    /// <summary>Imports into <paramref name="store"/><c>/models/HASH</c>; <paramref name="progress"/> gets bytes copied and bytes in all.</summary>
    /// <exception cref="InputException">The folder or archive holds no model that can be used.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left in the store.</exception>
    public static ModelInfo Import(ModelImport chosen, string store, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        var copy = new Copy(progress, cancellation);
        return chosen.From switch
        {
            ModelImport.FromStarter => ModelStore.Add(store, NameOr(chosen, "all-MiniLM-L6-v2"), "starter", MiniLmStarter.Build),
            ModelImport.FromFolder => ModelStore.Add(store, NameOr(chosen, Path.GetFileName(PathOf(chosen).TrimEnd('/', '\\'))), "import", target => copy.Folder(PathOf(chosen), target)),
            ModelImport.FromArchive => ModelStore.Add(
                store, NameOr(chosen, Path.GetFileNameWithoutExtension(FileNameOf(chosen))), "import", target => copy.Archive(PathOf(chosen), FileNameOf(chosen), target)),
            _ => throw new InputException("A model comes from a folder, an archive, a model hub or the starter.", "model.nothing"),
        };
    }

    private static string PathOf(ModelImport chosen) => chosen.Path ?? throw new InputException("Name the folder or the archive.", "model.nothing");

    private static string FileNameOf(ModelImport chosen) => chosen.FileName ?? Path.GetFileName(PathOf(chosen));

    private static string NameOr(ModelImport chosen, string name) => InputException.Quote(chosen.Name is { Length: > 0 } given ? given : name);

    /// <summary>Those files of a folder that are taken: one form of the weights only, the one that is preferred when the folder is read.</summary>
    internal static IEnumerable<T> Needed<T>(IReadOnlyCollection<T> files, Func<T, string> name)
    {
        var weights = WeightFiles.Preferred(n => files.Any(f => name(f) == n));
        return files.Where(f => s_plainFiles.Contains(name(f)) || IsSentenceModule(name(f)) || name(f) == weights || weights switch
        {
            WeightFiles.IndexName => IsShard(name(f), "model-", ".safetensors"),
            WeightFiles.PickleIndexName => IsShard(name(f), "pytorch_model-", ".bin"),
            _ => false,
        });
    }

    internal static bool IsWeights(string name) =>
        name is WeightFiles.SingleName or WeightFiles.PickleName || IsShard(name, "model-", ".safetensors") || IsShard(name, "pytorch_model-", ".bin");

    /// <summary>What sentence-transformers says of pooling stands in a folder of its own beside the encoder, such as <c>1_Pooling</c>.</summary>
    internal static bool IsSentenceModule(string name) => SentenceModule().IsMatch(name);

    [GeneratedRegex(@"\A\d{1,2}_[A-Za-z]{1,40}/config\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex SentenceModule();

    private static bool IsShard(string name, string start, string ending) => name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(ending, StringComparison.Ordinal);

    /// <summary>Copies and counts.</summary>
    private sealed class Copy(Action<long, long>? progress, CancellationToken cancellation)
    {
        private long _done;
        private long _total;

        internal void Folder(string folder, string target)
        {
            if (!Directory.Exists(folder))
            {
                throw new InputException("There is no such folder on the server; check the path.", "model.no_folder");
            }

            var files = Needed(FilesOf(new DirectoryInfo(folder)), f => f.Name).ToList();
            if (files.All(f => f.Name != "config.json"))
            {
                throw new InputException("The folder has no config.json; choose the folder that Hugging Face's save_pretrained has written.", "model.no_config");
            }

            _total = files.Sum(f => f.File.Length);
            foreach (var (name, file) in files)
            {
                using var source = file.OpenRead();
                Write(source, Path.Combine(target, name));
            }

            Convert(target);
        }

        internal void Archive(string file, string fileName, string target)
        {
            var archive = Archives.Archive.TryOpen(file, fileName, LargestModel) ?? throw new InputException(
                $"{InputException.Quote(fileName)} is no zip or tar; pack the folder that Hugging Face's save_pretrained has written.", "model.no_archive", InputException.Quote(fileName));
            var configs = archive.Entries.Where(e => e.FileName == "config.json").OrderBy(e => e.Name.Count(c => c == '/')).ToList();
            if (configs.Count == 0)
            {
                throw new InputException(
                    $"{InputException.Quote(fileName)} has no config.json; pack the folder that Hugging Face's save_pretrained has written.", "model.archive_no_config", InputException.Quote(fileName));
            }

            var folder = configs[0].Name[..^"config.json".Length];
            var entries = Needed(archive.Entries.Where(e => e.Name.StartsWith(folder, StringComparison.Ordinal)).ToList(), NameOf).ToList();
            _total = entries.Sum(e => e.Size);
            archive.Read(entries, (entry, content) => Write(content, Path.Combine(target, NameOf(entry))));
            Convert(target);

            string NameOf(ArchiveEntry entry) => entry.Name[folder.Length..];
        }

        /// <summary>The files of a folder and the configuration in each folder of it, by their names with slashes.</summary>
        private static List<(string Name, FileInfo File)> FilesOf(DirectoryInfo folder) =>
        [
            .. folder.GetFiles().Select(f => (f.Name, f)),
            .. folder.GetDirectories().Select(d => (Name: $"{d.Name}/config.json", File: new FileInfo(Path.Combine(d.FullName, "config.json")))).Where(f => f.File.Exists),
        ];

        /// <summary>Pickles become safetensors. A folder without weights stays as it is: what is missing is told when it is looked at as a whole.</summary>
        private void Convert(string folder)
        {
            var pickles = Directory.GetFiles(folder, "*.bin*");
            if (pickles.Length == 0)
            {
                return;
            }

            using (var weights = WeightFiles.Open(folder))
            {
                _total += weights.Entries.Sum(e => e.End - e.Begin);
                WeightFolder.Write(folder, weights.ToParts(bytes =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Invoke(_done += bytes, _total);
                }));
            }

            Array.ForEach(pickles, File.Delete);
        }

        private void Write(Stream source, string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var written = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
            var buffer = new byte[CopyBuffer];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                written.Write(buffer.AsSpan(0, read));
                _done += read;
                progress?.Invoke(_done, _total);
            }

            written.Flush(flushToDisk: true);
        }
    }
}
