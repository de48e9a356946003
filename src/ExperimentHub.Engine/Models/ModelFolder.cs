using System.Text.RegularExpressions;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Generation;

namespace ExperimentHub.Engine.Models;

/// <summary>Looks at a Hugging Face folder as a stranger's: everything is checked that training or serving will rely on. Needs no torch.</summary>
public static partial class ModelFolder
{
    private const int MaxLicenceCharacters = 64 << 10;

    private static readonly string[] s_tokenizerFiles = ["tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model"];
    private static readonly string[] s_tokenizerSettings = ["tokenizer_config.json", "merges.txt", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"];
    private static readonly string[] s_licenceFiles = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "NOTICE"];

    /// <summary>Files that a model needs besides configuration and weights; they are copied along as they are.</summary>
    public static IReadOnlyList<string> CompanionFiles { get; } = [.. TokenizerFiles, "generation_config.json", .. s_licenceFiles];

    /// <summary>Those of them that make a tokenizer.</summary>
    internal static IReadOnlyList<string> TokenizerFiles => [.. s_tokenizerFiles, .. s_tokenizerSettings];

    /// <exception cref="InputException">The folder cannot be used; the sentence names file and fault.</exception>
    public static ModelInfo Inspect(string folder, string source = "import")
    {
        var config = ModelConfig.Read(folder);
        using var weights = WeightFiles.Open(folder);
        var family = ModelFamily.Of(config);
        using var model = ModelLoader.Plan(weights, config, family.Heads.Values.Contains(ModelHead.SequenceClassification) ? ModelHead.SequenceClassification : null);
        var names = new TensorNames(weights, model);
        var (licence, licenceText) = ReadLicence(folder);
        var used = model.AllWeights.SelectMany(w => w.Parts.Select(p => Used(w, p))).OfType<UsedTensor>().ToList();
        var isClassifier = family.Kind == ModelKinds.Encoder && config.Architectures.Any(a => family.HeadOf(a) == ModelHead.SequenceClassification) && model.AllWeights.Where(w => w.Depth > config.Layers + 1).All(names.Has);
        return new ModelInfo
        {
            Architecture = config.Family,
            Kind = family.Kind,
            Heads = isClassifier ? [TaskNames.SequenceClassification] : [],
            Labels = isClassifier ? model.Config.Labels : null,
            HiddenSize = config.HiddenSize,
            Layers = config.Layers,
            AttentionHeads = config.Heads,
            IntermediateSize = config.IntermediateSize,
            MaxLength = config.MaxLength,
            VocabularySize = config.VocabSize,
            Parameters = used.Sum(t => t.Parameters),
            Modules = Tree("model", used, 0),
            Dtype = used[0].Dtype,
            WeightBytes = weights.Entries.Sum(e => e.End - e.Begin),
            Tokenizer = s_tokenizerFiles.FirstOrDefault(f => File.Exists(Path.Combine(folder, f))),
            Licence = licence,
            LicenceText = licenceText,
            Source = source,
            Created = DateTimeOffset.UtcNow,
            Warnings = [.. Warnings(model, weights, used), .. family.Kind != ModelKinds.Encoder && GenerationSettingsReader.Warn(folder) is { } warning ? [warning] : Array.Empty<Warning>()],
        };

        UsedTensor? Used(Weight weight, WeightPart part) => names.Locate(weight, part) is { } found
            ? new(part.Name.Split('.'), found, Elements(weight.ShapeOf(part)), weights.Find(found)!.Type.WireName())
            : null;
    }

    private static long Elements(IReadOnlyList<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    private static IEnumerable<Warning> Warnings(PretrainedModel model, WeightFiles weights, List<UsedTensor> used)
    {
        if (model.Config.NamesForeignCode)
        {
            yield return new("foreign_code", "config.json names code of its own (auto_map); it is never run.", "config.json");
        }

        var known = used.Select(t => t.Found).ToHashSet(StringComparer.Ordinal);
        var others = weights.Entries.Where(e => !known.Contains(e.Name) && !model.Ignores(e.Name)).ToList();
        if (others.Count > 0)
        {
            yield return new(
                "unused_tensors", $"{weights.Label} has {others.Count} tensors that a classifier does not use, such as {InputException.Quote(others[0].Name)}.",
                weights.Label, others.Count, InputException.Quote(others[0].Name));
        }
    }

    /// <summary>The module tree to a depth that a page can show; the leaves (weight, bias) are counted in their parent.</summary>
    private static ModelModule Tree(string name, IReadOnlyList<UsedTensor> tensors, int depth) =>
        new(name, tensors.Sum(t => t.Parameters))
        {
            Dtypes = [.. tensors.Select(t => t.Dtype).Distinct(StringComparer.Ordinal)],
            Children =
            [
                .. tensors.Where(t => t.Path.Length > depth + 1)
                    .GroupBy(t => t.Path[depth], StringComparer.Ordinal)
                    .Select(g => Tree(g.Key, [.. g], depth + 1)),
            ],
        };

    private static (string? Name, string? Text) ReadLicence(string folder)
    {
        var file = s_licenceFiles.Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists);
        var text = file is null ? null : ReadStart(file).Trim();
        var card = Path.Combine(folder, "README.md");
        var name = File.Exists(card) && CardLicence().Match(ReadStart(card)) is { Success: true } match
            ? match.Groups[1].Value
            : text?.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0);
        return (name is null ? null : InputException.Quote(name, 80), text);
    }

    private static string ReadStart(string file)
    {
        using var reader = new StreamReader(file);
        var buffer = new char[MaxLicenceCharacters];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }

    /// <summary>A tensor of the model by the parts of its full name, and the name and type under which the checkpoint has it.</summary>
    private sealed record UsedTensor(string[] Path, string Found, long Parameters, string Dtype);

    [GeneratedRegex(@"\A---\s*\n(?:.*\n)*?licen[sc]e:\s*([^\s#]+)")]
    private static partial Regex CardLicence();
}
