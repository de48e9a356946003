using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// <c>adapter_config.json</c> of PEFT, checked. What is not looked at is kept and written again; what would change the sums in a way that is
/// not computed here is refused by its name. <c>base_model_name_or_path</c> is text that nobody follows: the base is the one that a
/// person chooses.
/// </summary>
internal sealed class AdapterConfig
{
    public const string FileName = "adapter_config.json";

    private const int LargestRank = 16_384;
    private const int MostVirtualTokens = 100_000;
    private const double LargestAlpha = 1e6;

    private static readonly string[] s_biases = ["none", "all", "lora_only"];
    private static readonly string[] s_encoders = ["MLP", "LSTM"];
    private static readonly string[] s_unknownFlags = ["use_qalora", "use_bdlora", "lora_bias"];
    private static readonly string[] s_unknownFields = ["layer_replication", "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "velora_config", "monteclora_config"];

    private readonly JsonObject _source;
    private readonly IReadOnlyList<(SafePattern Pattern, double Value)> _ranks;
    private readonly IReadOnlyList<(SafePattern Pattern, double Value)> _alphas;

    private AdapterConfig(ConfigFields fields)
    {
        _source = fields.Source;
        var type = fields.Text("peft_type") ?? throw fields.Fault("peft_type", "is missing; it must say which kind of adapter this is");
        Method = AdapterMethods.Find(type) ?? throw fields.Fault("peft_type", $"is {InputException.Quote(type)}; known are {string.Join(", ", AdapterMethods.Names)}");
        Task = fields.Text("task_type") is { } task ? AdapterTasks.Find(task) ?? throw fields.Fault("task_type", $"is {InputException.Quote(task)}; known are {string.Join(", ", AdapterTasks.Names)}") : null;
        BaseModel = fields.Text("base_model_name_or_path");
        ModulesToSave = [.. fields.Texts("modules_to_save").Distinct(StringComparer.Ordinal)];
        Targets = TargetModules.Read(fields);
        FeedForward = FeedForwardOf(fields);
        Rank = fields.Integer("r", 1, LargestRank, 8);
        Alpha = fields.Number("lora_alpha", -LargestAlpha, LargestAlpha, 8);
        Dropout = fields.Number("lora_dropout", 0, 0.999, 0);
        UsesRankStabilisation = fields.Flag("use_rslora", false);
        IsWeightDecomposed = fields.Flag("use_dora", false);
        IsTransposed = fields.Flag("fan_in_fan_out", false);
        Bias = fields.Text("bias", "none")!;
        StartsNormal = fields.Find("init_lora_weights") is { ValueKind: JsonValueKind.String } && fields.Text("init_lora_weights") == "gaussian";
        _ranks = Patterns(fields, "rank_pattern", 1, LargestRank);
        _alphas = Patterns(fields, "alpha_pattern", -LargestAlpha, LargestAlpha);
        VirtualTokens = fields.Integer("num_virtual_tokens", 1, MostVirtualTokens, 1);
        Submodules = fields.Integer("num_transformer_submodules", 1, 2, 1);
        TokenWidth = fields.Integer("token_dim", 0, 1 << 20, 0);
        Layers = fields.Integer("num_layers", 0, 10_000, 0);
        EncoderWidth = fields.Integer("encoder_hidden_size", 0, 1 << 20, 0) is > 0 and var width ? width : TokenWidth;
        ProjectsPrefix = fields.Flag("prefix_projection", false);
        EncoderKind = fields.Text("encoder_reparameterization_type", "MLP")!;
        EncoderLayers = fields.Integer("encoder_num_layers", 1, 100, 2);
        EncoderDropout = fields.Number("encoder_dropout", 0, 0.999, 0);
        Check(fields);
    }

    public AdapterMethod Method { get; }

    public AdapterTask? Task { get; }

    /// <summary>What the adapter was trained on, as its file says.</summary>
    public string? BaseModel { get; }

    public TargetModules Targets { get; }

    /// <summary>Modules of the base that were trained as a whole and are saved so, by the end of their path.</summary>
    public IReadOnlyList<string> ModulesToSave { get; }

    public int Rank { get; }

    public double Alpha { get; }

    public double Dropout { get; }

    /// <summary>rsLoRA: scaled by the root of the rank.</summary>
    public bool UsesRankStabilisation { get; }

    /// <summary>DoRA: direction and length of the columns apart.</summary>
    public bool IsWeightDecomposed { get; }

    /// <summary>The matrices of the base lie as (inputs, outputs).</summary>
    public bool IsTransposed { get; }

    /// <summary><c>none</c>, <c>all</c> or <c>lora_only</c>: which biases are saved.</summary>
    public string Bias { get; }

    /// <summary>A new pair's A is normally distributed, not uniformly.</summary>
    public bool StartsNormal { get; }

    /// <summary>IA3: the targets whose input is scaled instead of their output.</summary>
    public Func<string, bool> FeedForward { get; }

    public int VirtualTokens { get; }

    /// <summary>Prompt methods: 2 for an encoder and a decoder, each with vectors of its own in the file.</summary>
    public int Submodules { get; }

    /// <summary>Prompt methods: width of a vector; for prefixes, of the keys of all heads. 0 where it is not said.</summary>
    public int TokenWidth { get; }

    /// <summary>Prefix tuning: layers that have a prefix.</summary>
    public int Layers { get; }

    /// <summary>Prompt methods: inner width of the network that makes the vectors while they are learned.</summary>
    public int EncoderWidth { get; }

    /// <summary>P-tuning: <c>MLP</c> or <c>LSTM</c>.</summary>
    public string EncoderKind { get; }

    /// <summary>P-tuning by an LSTM: its layers.</summary>
    public int EncoderLayers { get; }

    /// <summary>P-tuning by an LSTM: dropout between its layers.</summary>
    public double EncoderDropout { get; }

    /// <summary>Prefix tuning: a network makes the vectors while they are learned.</summary>
    public bool ProjectsPrefix { get; }

    /// <exception cref="InputException">The file is missing, damaged, or says what is not known here.</exception>
    public static AdapterConfig Read(string folder) => new(ConfigFields.Read(folder, FileName));

    /// <summary>Inner width of the pair of matrices of a module.</summary>
    public int RankOf(string module) => (int)(Find(_ranks, module) ?? Rank);

    /// <summary>α / r, with rsLoRA α / √r; both of them the module's own.</summary>
    public double ScaleOf(string module) => (Find(_alphas, module) ?? Alpha) / (UsesRankStabilisation ? Math.Sqrt(RankOf(module)) : RankOf(module));

    /// <summary>
    /// Whether a tensor of the base that an adapter brings is learned with it: as part of a module of <c>modules_to_save</c>, whose path ends
    /// with the name, or as one of the biases that <c>bias</c> names.
    /// </summary>
    /// <param name="tensor">Its name in the base.</param>
    /// <param name="modules">Paths of the modules that have a pair.</param>
    public bool Learns(string tensor, IReadOnlySet<string> modules)
    {
        var module = tensor.LastIndexOf('.') is > 0 and var dot ? tensor[..dot] : "";
        return (tensor.EndsWith("bias", StringComparison.Ordinal) && (Bias == "all" || (Bias == "lora_only" && modules.Contains(module))))
            || AdapterBase.Enclosing(module).Any(path => ModulesToSave.Any(name => path.EndsWith(name, StringComparison.Ordinal)));
    }

    /// <summary>All fields as they were read, names sorted as PEFT does it.</summary>
    public void Write(string folder)
    {
        var sorted = new JsonObject(_source.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), sorted.ToJsonString(WireJson.Indented));
    }

    private void Check(ConfigFields fields)
    {
        if (!s_biases.Contains(Bias))
        {
            throw fields.Fault("bias", $"is {InputException.Quote(Bias)}; known are {string.Join(", ", s_biases)}");
        }

        if (Method == AdapterMethod.PTuning && !s_encoders.Contains(EncoderKind))
        {
            throw fields.Fault("encoder_reparameterization_type", $"is {InputException.Quote(EncoderKind)}; known are {string.Join(", ", s_encoders)}");
        }

        if (!Method.HasPrompt() && Targets is { Names.Count: 0, Pattern: null, IsAllLinear: false })
        {
            throw fields.Fault("target_modules", "names no module");
        }

        var unknown = s_unknownFlags.FirstOrDefault(f => fields.Flag(f, false)) ?? s_unknownFields.FirstOrDefault(f => fields.Find(f) is { } value && !IsEmpty(value));
        if (unknown is not null)
        {
            throw fields.Fault(unknown, "is set, which is not supported; train the adapter without it");
        }
    }

    private static bool IsEmpty(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0) || (value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any()) || value.ValueKind == JsonValueKind.False;

    private static Func<string, bool> FeedForwardOf(ConfigFields fields)
    {
        if (fields.Find("feedforward_modules") is { ValueKind: JsonValueKind.String })
        {
            var pattern = new SafePattern(fields.Text("feedforward_modules")!, what => fields.Fault("feedforward_modules", what));
            return pattern.Matches;
        }

        var names = fields.Texts("feedforward_modules");
        return path => names.Any(n => TargetModules.IsOrEndsWith(path, n));
    }

    /// <summary>An object from patterns of paths to numbers; a pattern stands for the end of a path.</summary>
    private static List<(SafePattern Pattern, double Value)> Patterns(ConfigFields fields, string name, double min, double max)
    {
        if (fields.Find(name) is not { } value)
        {
            return [];
        }

        try
        {
            return value.ValueKind == JsonValueKind.Object
                ? [.. value.EnumerateObject().Select(p => (
                    new SafePattern($@"(?:.*\.)?(?:{p.Name})", what => fields.Fault(name, what)),
                    p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetDouble(out var number) && number >= min && number <= max ? number : throw fields.Fault(name, FormattableString.Invariant($"must give numbers from {min} to {max}"))))]
                : throw fields.Fault(name, "must be an object from names to numbers");
        }
        catch (InvalidOperationException)
        {
            throw fields.Fault(name, "has a name with half a character");   // an escaped lone surrogate
        }
    }

    private static double? Find(IReadOnlyList<(SafePattern Pattern, double Value)> patterns, string module)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (pattern.Matches(module))
            {
                return value;
            }
        }

        return null;
    }
}
