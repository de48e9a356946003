using ExperimentHub.Engine.Models.Families;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// The architectures that can be loaded: <c>model_type</c> of config.json to the class that computes it. A new family is a file in
/// <c>Families</c> and a line here.
/// </summary>
internal sealed record ModelFamily(
    string Type, string ClassPrefix, Func<ConfigFields, ModelConfig> ReadConfig, Func<ModelConfig, ModelHead, PretrainedModel> Build, IReadOnlyDictionary<string, ModelHead> Heads)
{
    private static readonly Dictionary<string, ModelHead> s_encoderHeads = new()
    {
        ["Model"] = ModelHead.None,
        ["ForSequenceClassification"] = ModelHead.SequenceClassification,
        ["ForTokenClassification"] = ModelHead.TokenClassification,
        ["ForQuestionAnswering"] = ModelHead.QuestionAnswering,
        ["ForMaskedLM"] = ModelHead.MaskedLanguageModel,
    };

    private static readonly Dictionary<string, ModelHead> s_bertHeads = new(s_encoderHeads)
    {
        ["ForNextSentencePrediction"] = ModelHead.NextSentence,
        ["ForPreTraining"] = ModelHead.Pretraining,
    };

    private static readonly Dictionary<string, ModelHead> s_sequenceToSequenceHeads = new()
    {
        ["Model"] = ModelHead.None,
        ["ForConditionalGeneration"] = ModelHead.ConditionalGeneration,
    };

    private static readonly Dictionary<string, ModelHead> s_decoderHeads = new()
    {
        ["Model"] = ModelHead.None,
        ["ForCausalLM"] = ModelHead.CausalLanguageModel,
        ["ForSequenceClassification"] = ModelHead.SequenceClassification,
    };

    private static readonly Dictionary<string, ModelHead> s_gemmaHeads = new()
    {
        ["TextModel"] = ModelHead.None,
        ["ForCausalLM"] = ModelHead.CausalLanguageModel,
        ["TextForSequenceClassification"] = ModelHead.SequenceClassification,
    };

    private static readonly Dictionary<string, ModelHead> s_gpt2Heads = new()
    {
        ["Model"] = ModelHead.None,
        ["LMHeadModel"] = ModelHead.CausalLanguageModel,
        ["ForSequenceClassification"] = ModelHead.SequenceClassification,
    };

    private static readonly Dictionary<string, ModelFamily> s_families = new ModelFamily[]
    {
        new("albert", "Albert", AlbertConfig.Read, (config, head) => new Albert((AlbertConfig)config, head), s_encoderHeads),
        new("bart", "Bart", BartConfig.Read, (config, head) => new Bart((BartConfig)config, head), s_sequenceToSequenceHeads),
        new("bert", "Bert", BertConfig.Read, (config, head) => new Bert((BertConfig)config, head), s_bertHeads),
        new("distilbert", "DistilBert", DistilBertConfig.Read, (config, head) => new DistilBert((DistilBertConfig)config, head), s_encoderHeads),
        new("electra", "Electra", ElectraConfig.Read, (config, head) => new Electra((ElectraConfig)config, head), new Dictionary<string, ModelHead>(s_encoderHeads) { ["ForPreTraining"] = ModelHead.ReplacedTokens }),
        new("ernie", "Ernie", ErnieConfig.Read, (config, head) => new Ernie((ErnieConfig)config, head), s_bertHeads),
        new("ernie4_5", "Ernie4_5", Ernie45Config.Read, (config, head) => new Ernie45((Ernie45Config)config, head), s_decoderHeads),
        new("ernie4_5_moe", "Ernie4_5_Moe", Ernie45MoeConfig.Read, (config, head) => new Ernie45Moe((Ernie45MoeConfig)config, head), s_decoderHeads),
        new("gemma3_text", "Gemma3", Gemma3Config.Read, (config, head) => new Gemma3((Gemma3Config)config, head), s_gemmaHeads),
        new("gpt2", "GPT2", Gpt2Config.Read, (config, head) => new Gpt2((Gpt2Config)config, head), s_gpt2Heads),
        new("llama", "Llama", LlamaConfig.Read, (config, head) => new Llama((LlamaConfig)config, head), s_decoderHeads),
        new("mistral", "Mistral", MistralConfig.Read, (config, head) => new Mistral((MistralConfig)config, head), s_decoderHeads),
        new("modernbert", "ModernBert", ModernBertConfig.Read, (config, head) => new ModernBert((ModernBertConfig)config, head), s_encoderHeads),
        new("mt5", "MT5", fields => T5Config.Read(fields, "mt5"), (config, head) => new T5((T5Config)config, head), s_sequenceToSequenceHeads),
        new("phi3", "Phi3", Phi3Config.Read, (config, head) => new Phi3((Phi3Config)config, head), s_decoderHeads),
        new("qwen2", "Qwen2", Qwen2Config.Read, (config, head) => new Qwen2((Qwen2Config)config, head), s_decoderHeads),
        new("qwen3", "Qwen3", Qwen3Config.Read, (config, head) => new Qwen3((Qwen3Config)config, head), s_decoderHeads),
        new("qwen3_moe", "Qwen3Moe", Qwen3MoeConfig.Read, (config, head) => new Qwen3Moe((Qwen3MoeConfig)config, head), s_decoderHeads),
        new("roberta", "Roberta", fields => RobertaConfig.Read(fields, "roberta"), (config, head) => new Roberta((RobertaConfig)config, head), s_encoderHeads),
        new("t5", "T5", fields => T5Config.Read(fields, "t5"), (config, head) => new T5((T5Config)config, head), s_sequenceToSequenceHeads),
        new("xlm-roberta", "XLMRoberta", fields => RobertaConfig.Read(fields, "xlm-roberta"), (config, head) => new Roberta((RobertaConfig)config, head), s_encoderHeads),
    }.ToDictionary(f => f.Type, StringComparer.Ordinal);

    public static IReadOnlyCollection<ModelFamily> All => s_families.Values;

    public static IReadOnlyCollection<string> Types => s_families.Keys;

    /// <summary>The family that <c>model_type</c> names.</summary>
    /// <exception cref="InputException">None is named, or it is not known.</exception>
    public static ModelFamily Of(ConfigFields fields)
    {
        var type = fields.Text("model_type") ?? throw fields.Fault("model_type", "is missing; it must say which architecture this is");
        // Community exports of ERNIE call themselves BERT, which would leave out the embedding of the task without a word.
        type = type == BertConfig.ModelType && fields.Flag("use_task_id", false) ? ErnieConfig.ModelType : type;
        return s_families.GetValueOrDefault(type) ?? throw fields.Fault("model_type", $"is {InputException.Quote(type)}; known are {string.Join(", ", Types)}");
    }

    public static ModelFamily Of(ModelConfig config) => s_families[config.Family];

    /// <summary>The family of a <c>model_type</c> that is known to be here.</summary>
    public static ModelFamily OfType(string type) => s_families[type];

    /// <summary>The head that a class of transformers has (<c>BertForMaskedLM</c>); null for a class of another family.</summary>
    public ModelHead? HeadOf(string architecture)
    {
        var prefix = Type == ErnieConfig.ModelType && architecture.StartsWith("Bert", StringComparison.Ordinal) ? "Bert" : ClassPrefix;
        return architecture.StartsWith(prefix, StringComparison.Ordinal) && Heads.TryGetValue(architecture[prefix.Length..], out var head) ? head : null;
    }

    public string Kind => Heads.Values.Contains(ModelHead.ConditionalGeneration) ? ModelKinds.EncoderDecoder
        : Heads.Values.Contains(ModelHead.CausalLanguageModel) ? ModelKinds.Decoder
        : ModelKinds.Encoder;

    /// <summary>The name that transformers gives the family with this head.</summary>
    public string ArchitectureOf(ModelHead head) => ClassPrefix + Heads.First(h => h.Value == head).Key;
}
