using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Archives;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Every parser of the product that reads a stranger's bytes.</summary>
internal sealed class FuzzTargets : IDisposable
{
    private static readonly string[] s_jsonWords =
        ["{", "}", "[", "]", "[[[[", "{\"a\":", "\"", "\\", "\\ud83d", "\\u0000", "null", "true", "NaN", ",", ":", "-", "1e999", "\"type\":", "\uFEFF", "\0", "\u001b[2J", "名"];

    private readonly string _scratch;
    private readonly string _file;
    private readonly FuzzedEvents _events;
    private long _datasets;

    public FuzzTargets(string scratch)
    {
        _scratch = scratch;
        _file = Path.Combine(scratch, "input");
        _events = new FuzzedEvents(scratch);
        All =
        [
            new("csv", FuzzSeeds.Tables, [",", "\t", ";", "|", "\"", "\"\"", "\n", "\r\n", "\r", "\0", "\uFEFF", "label", "=1+1", "，"], b => ReadRows(b, "train.csv")),
            new("jsonl", FuzzSeeds.JsonLines, [.. s_jsonWords, "\n", "\"label\":"], b => ReadRows(b, "train.jsonl")),
            new("json", FuzzSeeds.JsonLists, [.. s_jsonWords, "\n", "},{"], b => ReadRows(b, "train.json")),
            new("gzip", FuzzSeeds.Tables, [",", "\n", "\x1f\x8b\x08", "\0\0\0\0"], b => ReadRows(b, "train.csv.gz")) { Wrap = FuzzSeeds.Gzip },
            new("zip", FuzzSeeds.Tables, [",", "\n", "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0006\u0006", "PK\u0006\u0007", "../", "\0"], ReadArchive) { Wrap = FuzzSeeds.Zip },
            new("tar", FuzzSeeds.Tars, ["ustar", "../", "\0", "11 path=ab\n", "20 GNU.sparse.size=1\n", "30 size=99999999999999999999\n", "L", "x", "5", "2"], ReadArchive) { Wrap = FuzzSeeds.Checksummed },
            new("safetensors", FuzzSeeds.TensorHeaders, [.. s_jsonWords, "\"shape\":[", "\"data_offsets\":[0,", "F32", "BF16", "__metadata__", "4294967296,4294967296"], ReadWeights) { Wrap = FuzzSeeds.Safetensors },
            new("torch_zip", PickleSeeds.Pickles, PickleSeeds.Words, ReadPickles) { Wrap = PickleSeeds.Zip },
            new("torch_legacy", PickleSeeds.Legacy, PickleSeeds.Words, ReadPickles),
            new("adapter", FuzzSeeds.Adapters, [.. s_jsonWords, "\"target_modules\":", "\"all-linear\"", "\".*(q|v)\"", "(a+)+$", "(?!", "\"rank_pattern\":{", "\"r\":", "\"IA3\"", "\"layers_to_transform\":["], ReadAdapter),
            new("config", ConfigSeeds.All, [.. s_jsonWords, "\"hidden_size\":", "\"id2label\":{", "\"bert\"", "\"albert\"", "\"num_hidden_layers\":"], ReadConfig),
            new("tokenizer", FuzzSeeds.Tokenizers, [.. s_jsonWords, "\"Sequence\"", "\"Replace\"", "\"normalizers\":[", "\"vocab\":{", "\"BertNormalizer\"", "\"Split\"", "(a+)+$", "\"BPE\"", "\"Unigram\"", "\"merges\":[[", "\"Precompiled\"", "\"ByteFallback\"", "\"Regex\":\"[\\\\p{L}&&[^a]]\"", "(?i)", "(?<=", "{,9}+"], ReadTokenizer),
            new("vocabulary", FuzzSeeds.Vocabularies, ["[UNK]", "[CLS]", "##", "\n", "\r\n", "\uFEFF", "\0", "的"], ReadVocabulary),
            new("sentencepiece", FuzzSeeds.SentencePieceModels, ["\n\u0007\n\u0001a\u0015", "\u0012\u0002\u0018\u0002", "\u0018\u0003", "\u0018\u0006", "▁", "<0x41>", "\u000b", "\u007f"], ReadSentencePiece),
            new("merges", FuzzSeeds.Merges, [" ", "\n", "\r\n", "#version: 0.2", "a b", "Ġ t", "\0", "\uFEFF"], ReadMerges),
            new("events", FuzzSeeds.Events, [.. s_jsonWords, "\n", "\"seq\":", "\"metrics\"", "\"finished\"", "\"values\":{", "\"token\":\"t\"", "\"time\":\"9999-12-31T23:59:59Z\"", "../"], _events.Read),
            new("control", FuzzSeeds.Commands, [.. s_jsonWords, "\n", "\"seq\":", "\"stop\"", "\"value\":", "\"token\":\"t\""], ReadCommands),
            new("template", FuzzSeeds.Templates, FuzzSeeds.TemplateWords, ReadTemplate),
            new("run", FuzzSeeds.RunFiles, [.. s_jsonWords, "\"token\":", "\"output\":\"../", "\"learning_rate\":"], ReadRunFile),
        ];
    }

    public static IReadOnlyList<string> Names { get; } = ["csv", "jsonl", "json", "gzip", "zip", "tar", "safetensors", "torch_zip", "torch_legacy", "adapter", "config", "tokenizer", "vocabulary", "sentencepiece", "merges", "events", "control", "template", "run"];

    public IReadOnlyList<FuzzTarget> All { get; }

    public void Dispose() => _events.Dispose();

    /// <summary>As the import page looks into a file; one in fifty is imported too.</summary>
    private void ReadRows(byte[] bytes, string name)
    {
        File.WriteAllBytes(_file, bytes);
        var chosen = new DatasetImport { File = _file, FileName = name };
        DatasetInspector.Inspect(chosen);
        if (_datasets++ % 50 == 0)
        {
            var store = Path.Combine(_scratch, "store");
            try
            {
                DatasetImporter.ImportAsync(chosen, store).GetAwaiter().GetResult();
            }
            finally
            {
                PackRunner.Clear(store);
            }
        }
    }

    private void ReadArchive(byte[] bytes)
    {
        File.WriteAllBytes(_file, bytes);
        var buffer = new byte[4096];
        if (Archive.TryOpen(_file, "upload.zip", 1L << 30) is { } archive)
        {
            archive.Read(archive.Entries.ToList(), (_, content) =>
            {
                while (content.Read(buffer) > 0)
                {
                }
            });
        }
    }

    private void ReadWeights(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_scratch, WeightFiles.SingleName), bytes);
        ReadAll(_scratch);
    }

    private void ReadPickles(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(Folder("pickles"), WeightFiles.PickleName), bytes);
        ReadAll(Folder("pickles"));
    }

    private static void ReadAll(string folder)
    {
        using var weights = WeightFiles.Open(folder);
        foreach (var entry in weights.Entries)
        {
            weights.Bytes(entry.Name);
        }
    }

    /// <summary>The configuration against tensors and a base that fit it before it was changed.</summary>
    private void ReadAdapter(byte[] bytes)
    {
        var folder = Folder("adapter");
        File.WriteAllBytes(Path.Combine(folder, AdapterConfig.FileName), bytes);
        File.WriteAllBytes(Path.Combine(folder, AdapterWeights.FileName), FuzzSeeds.AdapterTensors);
        using var adapter = Adapter.Open(folder);
        adapter.Check(FuzzSeeds.AdapterBase);
    }

    private void ReadConfig(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_scratch, "config.json"), bytes);
        var config = ModelConfig.Read(_scratch);
        var family = ModelFamily.Of(config);
        foreach (var head in family.Heads.Values)
        {
            // The tree of a model takes little memory, whatever its configuration asks for.
            using var model = family.Build(config with { Labels = config.Labels ?? ["one"] }, head);
        }
    }

    private void ReadTokenizer(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_scratch, "tokenizer.json"), bytes);
        Encode(_scratch);
    }

    private void ReadVocabulary(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(Folder("vocabulary"), "vocab.txt"), bytes);
        Encode(Folder("vocabulary"));
    }

    private void ReadSentencePiece(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(Folder("sentencepiece"), "spiece.model"), bytes);
        Encode(Folder("sentencepiece"));
    }

    private void ReadMerges(byte[] bytes)
    {
        var folder = Folder("merges");
        File.WriteAllText(Path.Combine(folder, "vocab.json"), FuzzSeeds.ByteVocabulary);
        File.WriteAllBytes(Path.Combine(folder, "merges.txt"), bytes);
        Encode(folder);
    }

    /// <summary>A folder of its own, so that no other tokenizer file is found first.</summary>
    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_scratch, name)).FullName;

    private static void Encode(string folder)
    {
        const string Text = "The filmé was not good, 电影\u0301 \ud83d\ude00!";
        var tokenizer = Tokenizer.Load(folder);
        var ids = tokenizer.Encode(Text).Ids;
        tokenizer.Decode(ids);
        tokenizer.EncodeBatch([Text], null, maxLength: 4);
        var stream = tokenizer.Stream();
        foreach (var id in ids)
        {
            stream.Add(id);
        }

        stream.Finish();
    }

    /// <summary>As a model's template is read and rendered for an answer.</summary>
    private void ReadTemplate(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_scratch, "chat_template.jinja"), bytes);
        ChatTemplates.Load(_scratch)!.Render(FuzzSeeds.Conversation);
    }

    private void ReadCommands(byte[] bytes)
    {
        var folder = new JobFolder(_scratch);
        File.WriteAllBytes(folder.ControlFile, bytes);
        var reader = new ControlReader(folder, "t");
        while (reader.Read().Count > 0)
        {
        }
    }

    private void ReadRunFile(byte[] bytes)
    {
        var folder = new JobFolder(_scratch);
        File.WriteAllBytes(folder.RunFile, bytes);
        var (_, config) = folder.ReadRun<RunConfig>();
        RunConfigValidator.Validate(config);
    }
}
