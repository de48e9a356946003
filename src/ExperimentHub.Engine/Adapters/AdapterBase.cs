using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// The names and shapes of a base model, as an adapter needs them: from the family's own list where it is known, else from the checkpoint,
/// so that adapters for any family can be looked at.
/// </summary>
internal sealed class AdapterBase
{
    private static readonly string[] s_transposed = ["c_attn", "c_proj", "c_fc", "q_attn"];
    private static readonly string[] s_tables = ["wte", "wpe", "shared", "embed_tokens", "embed_positions", "relative_attention_bias"];
    private static readonly string[] s_outputs = ["lm_head", "score", "classifier", "qa_outputs", "cls.predictions.decoder", "classifier.out_proj"];

    private static readonly string[] s_layerFields = ["num_hidden_layers", "n_layer", "num_layers"];

    private readonly Dictionary<string, IReadOnlyList<long>> _shapes;

    /// <param name="family"><c>model_type</c> of config.json.</param>
    /// <param name="shapes">Every tensor with its shape.</param>
    /// <param name="layers">Layers that it has; 0: not known.</param>
    public AdapterBase(string family, IEnumerable<KeyValuePair<string, IReadOnlyList<long>>> shapes, int layers = 0)
    {
        Family = family;
        Layers = layers;
        _shapes = new(shapes, StringComparer.Ordinal);
        Modules = _shapes.Where(s => s.Value.Count == 2 && s.Key.EndsWith(".weight", StringComparison.Ordinal)).Select(s => ModuleOf(family, s.Key[..^".weight".Length], s.Value))
            .ToDictionary(m => m.Path, StringComparer.Ordinal);
    }

    public string Family { get; }

    public int Layers { get; }

    /// <summary>Layers with a matrix, by their paths.</summary>
    public IReadOnlyDictionary<string, BaseModule> Modules { get; }

    /// <summary>Width of the word vectors; 0 where it is not known.</summary>
    public long Width => Modules.Values.Where(m => m.Kind == ModuleKind.Embedding && !m.Path.EndsWith("relative_attention_bias", StringComparison.Ordinal)).Select(m => m.Outputs).FirstOrDefault();

    /// <summary>The base in a folder, with the head that the adapter's task asks for.</summary>
    /// <exception cref="InputException">The folder is no model.</exception>
    public static AdapterBase Read(string folder, AdapterTask? task)
    {
        var fields = ConfigFields.Read(folder);
        var family = fields.Text("model_type") ?? "";
        using var weights = WeightFiles.Open(folder);
        if (!ModelFamily.Types.Contains(family))
        {
            return new AdapterBase(family, weights.Entries.Select(e => KeyValuePair.Create(e.Name, e.Shape)), LayersOf(fields));
        }

        var config = ModelConfig.Read(folder);
        using var model = ModelLoader.Plan(weights, config, HeadOf(ModelFamily.Of(config), task));
        return Of(model);
    }

    /// <summary>A model as the base of adapters.</summary>
    public static AdapterBase Of(PretrainedModel model) =>
        new(model.Config.Family, model.AllWeights.SelectMany(w => w.Parts.Select(p => KeyValuePair.Create(p.Name, w.ShapeOf(p)))), model.Config.Layers);

    public IReadOnlyList<long>? ShapeOf(string tensor) => _shapes.GetValueOrDefault(tensor);

    /// <summary>True when there is a module, or a tensor of one, whose path is <paramref name="name"/> or ends with it.</summary>
    public bool HasModule(string name) => _shapes.Keys.Any(t => t.LastIndexOf('.') is > 0 and var dot && Enclosing(t[..dot]).Any(p => TargetModules.IsOrEndsWith(p, name)));

    /// <summary>A path and those of the modules around it, from the inside.</summary>
    internal static IEnumerable<string> Enclosing(string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            yield return path[..end];
        }
    }

    private static BaseModule ModuleOf(string family, string path, IReadOnlyList<long> shape)
    {
        var last = path[(path.LastIndexOf('.') + 1)..];
        var isOutput = s_outputs.Any(o => TargetModules.IsOrEndsWith(path, o));
        return s_tables.Contains(last) || last.EndsWith("embeddings", StringComparison.Ordinal) ? new(path, ModuleKind.Embedding, shape[1], shape[0], isOutput)
            : family == "gpt2" && s_transposed.Contains(last) ? new(path, ModuleKind.Conv1D, shape[1], shape[0], isOutput)
            : last.Contains("norm", StringComparison.OrdinalIgnoreCase) ? new(path, ModuleKind.Other, shape[0], shape[1], isOutput)
            : new(path, ModuleKind.Linear, shape[0], shape[1], isOutput);
    }

    /// <summary>The head of the base that a task asks for; null: that of the checkpoint.</summary>
    internal static ModelHead? HeadOf(ModelFamily family, AdapterTask? task)
    {
        ModelHead? head = task switch
        {
            AdapterTask.SequenceClassification => ModelHead.SequenceClassification,
            AdapterTask.TokenClassification => ModelHead.TokenClassification,
            AdapterTask.QuestionAnswering => ModelHead.QuestionAnswering,
            AdapterTask.CausalLanguageModel => ModelHead.CausalLanguageModel,
            AdapterTask.SequenceToSequence => ModelHead.ConditionalGeneration,
            AdapterTask.FeatureExtraction => ModelHead.None,
            _ => null,
        };
        return head is { } wanted && family.Heads.Values.Contains(wanted) ? wanted : null;
    }

    private static int LayersOf(ConfigFields fields) =>
        s_layerFields.Where(fields.Has).Select(name => fields.Integer(name, 0, 10_000, 0)).FirstOrDefault();
}
