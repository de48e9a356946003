using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Generation;

/// <summary>
/// Reads <see cref="GenerationSettings"/> from JSON under Hugging Face's names. A field that is missing stays as it was, null takes the
/// default, and a wrong value is told in one sentence. Fields that would change the text and are not built are refused, others ignored.
/// </summary>
public static class GenerationSettingsReader
{
    public const string FileName = "generation_config.json";

    private const string NotSupported = "is not supported; remove it";
    private const int MaxTokens = 1 << 24;
    private const int MaxBeams = 64;
    private const int MaxItems = 10_000;

    /// <summary>Each with the values that say that it is not used.</summary>
    private static readonly Dictionary<string, double[]> s_notBuilt = new(StringComparer.Ordinal)
    {
        ["num_beam_groups"] = [1],
        ["diversity_penalty"] = [0],
        ["penalty_alpha"] = [0],
        ["guidance_scale"] = [1],
        ["encoder_repetition_penalty"] = [1],
        ["encoder_no_repeat_ngram_size"] = [0],
        ["exponential_decay_length_penalty"] = [],
        ["constraints"] = [],
        ["force_words_ids"] = [],
        ["dola_layers"] = [],
        ["watermarking_config"] = [],
    };

    /// <summary>The settings that a model's folder recommends; where it has no file, those of <c>config.json</c>, as transformers does.</summary>
    /// <exception cref="InputException">The file is damaged or asks for what cannot be.</exception>
    public static GenerationSettings ReadFolder(string folder)
    {
        var file = File.Exists(Path.Combine(folder, FileName)) ? FileName : "config.json";
        return Read(ConfigFields.Read(folder, file).Values, new GenerationSettings(), file);
    }

    /// <summary>Looks at the file of a stranger's folder: a setting that is not built is worth a warning, as the model can be used without it.</summary>
    /// <exception cref="InputException">A value is wrong.</exception>
    internal static Warning? Warn(string folder)
    {
        try
        {
            _ = File.Exists(Path.Combine(folder, FileName)) ? ReadFolder(folder) : null;
            return null;
        }
        catch (InputException e) when (e.Arguments is [.., NotSupported])
        {
            return new Warning("generation_setting", e.Message, [.. e.Arguments.SkipLast(1)]);
        }
    }

    /// <summary>The settings of a JSON object over others.</summary>
    /// <param name="json">An object.</param>
    /// <param name="before">What holds where the object says nothing.</param>
    /// <param name="place">What a message calls the object, such as a file's name.</param>
    /// <exception cref="InputException">A value is wrong, or two do not go together.</exception>
    public static GenerationSettings Read(JsonElement json, GenerationSettings before, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{InputException.Quote(place)} must be a JSON object of settings.", "config.json", InputException.Quote(place));
        }

        return Read(json.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value)), before, place);
    }

    private static GenerationSettings Read(IEnumerable<KeyValuePair<string, JsonElement>> fields, GenerationSettings settings, string place)
    {
        try
        {
            foreach (var (name, value) in fields)
            {
                settings = With(settings, new Field(place, name, value));
            }
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair passes as JSON, and throws where the text is asked for.
            throw new InputException($"{InputException.Quote(place)} is not UTF-8 text; save it as UTF-8.", "config.encoding", InputException.Quote(place));
        }

        if (settings is { NumBeams: 1, DoSample: false, NumReturnSequences: > 1 })
        {
            throw new Field(place, "num_return_sequences", default).Fault("must be 1 in greedy search, which gives the same text each time; sample, or use more num_beams");
        }

        if (settings.NumBeams > 1 && settings.NumReturnSequences > settings.NumBeams)
        {
            throw new Field(place, "num_return_sequences", default).Fault("must not be larger than num_beams");
        }

        if (settings.NumBeams > 1 && settings.DoSample)
        {
            throw new Field(place, "num_beams", default).Fault("must be 1 when do_sample is true; choose one of the two");
        }

        return settings;
    }

    private static GenerationSettings With(GenerationSettings s, Field f) => f.Name switch
    {
        "max_new_tokens" => s with { MaxNewTokens = f.MaybeInteger(1, MaxTokens) },
        "max_length" => s with { MaxLength = f.MaybeInteger(1, MaxTokens) },
        "min_length" => s with { MinLength = f.Integer(0, MaxTokens, 0) },
        "min_new_tokens" => s with { MinNewTokens = f.Integer(0, MaxTokens, 0) },
        "do_sample" => s with { DoSample = f.Flag() },
        "temperature" => s with { Temperature = f.Number(1e-6, 1e6, 1) },
        "top_k" => s with { TopK = f.Integer(0, int.MaxValue, 50) },
        "top_p" => s with { TopP = f.Number(0, 1, 1) },
        "min_p" => s with { MinP = f.MaybeNumber(0, 1) },
        "typical_p" => s with { TypicalP = f.Number(1e-9, 1, 1) },
        "epsilon_cutoff" => s with { EpsilonCutoff = f.Number(0, 1, 0) },
        "eta_cutoff" => s with { EtaCutoff = f.Number(0, 1, 0) },
        "top_h" => s with { TopH = f.MaybeNumber(0, 1) },
        "seed" => s with { Seed = (ulong)f.Integer(0, int.MaxValue, 0) },
        "num_beams" => s with { NumBeams = f.Integer(1, MaxBeams, 1) },
        "num_return_sequences" => s with { NumReturnSequences = f.Integer(1, MaxBeams, 1) },
        "length_penalty" => s with { LengthPenalty = f.Number(-100, 100, 1) },
        "early_stopping" => s with { EarlyStopping = f.Stopping() },
        "repetition_penalty" => s with { RepetitionPenalty = f.Number(1e-6, 1e6, 1) },
        "presence_penalty" => s with { PresencePenalty = f.Number(-100, 100, 0) },
        "frequency_penalty" => s with { FrequencyPenalty = f.Number(-100, 100, 0) },
        "no_repeat_ngram_size" => s with { NoRepeatNgramSize = f.Integer(0, MaxTokens, 0) },
        "bad_words_ids" => s with { BadWordsIds = f.List("a list of lists of token ids", f.Ids) },
        "sequence_bias" => s with { SequenceBias = f.List("a list of pairs of token ids and a number", f.Bias) },
        "logit_bias" => s with { LogitBias = f.Biases() },
        "suppress_tokens" => s with { SuppressTokens = f.List("a list of token ids", f.Id) },
        "begin_suppress_tokens" => s with { BeginSuppressTokens = f.List("a list of token ids", f.Id) },
        "forced_bos_token_id" => s with { ForcedBosTokenId = f.MaybeId() },
        "forced_eos_token_id" => s with { ForcedEosTokenId = f.IdOrIds() },
        "stop_strings" => s with { StopStrings = f.Texts() },
        "eos_token_id" => s with { EosTokenId = f.IdOrIds() },
        "pad_token_id" => s with { PadTokenId = f.MaybeId() },
        "bos_token_id" => s with { BosTokenId = f.MaybeId() },
        "decoder_start_token_id" => s with { DecoderStartTokenId = f.MaybeId() },
        _ => f.IsUnused(s_notBuilt) ? s : throw f.Fault(NotSupported),
    };

    /// <summary>One member of the object.</summary>
    private readonly struct Field(string place, string name, JsonElement value)
    {
        public string Name => name;

        private bool IsNull => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

        public InputException Fault(string what) =>
            new($"{InputException.Quote(place)}: {InputException.Quote(name)} {what}.", "config.field", InputException.Quote(place), InputException.Quote(name), what);

        public bool IsUnused(Dictionary<string, double[]> notBuilt) =>
            IsNull || !notBuilt.TryGetValue(name, out var neutral) || (value.ValueKind == JsonValueKind.Number && neutral.Contains(value.GetDouble()));

        public int? MaybeInteger(int min, int max) =>
            IsNull ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max ? (int)number
            : throw Fault($"must be a whole number from {min} to {max}, not {Written}");

        public int Integer(int min, int max, int whenNull) => MaybeInteger(min, max) ?? whenNull;

        public double? MaybeNumber(double min, double max) =>
            IsNull ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max ? number
            : throw Fault(string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}, not {Written}"));

        public double Number(double min, double max, double whenNull) => MaybeNumber(min, max) ?? whenNull;

        public bool Flag() => value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Fault($"must be true or false, not {Written}"),
        };

        public EarlyStopping Stopping() => value.ValueKind switch
        {
            JsonValueKind.True => EarlyStopping.AtOnce,
            JsonValueKind.False or JsonValueKind.Null => EarlyStopping.WhenUnlikely,
            JsonValueKind.String when value.ValueEquals("never") => EarlyStopping.WhenImpossible,
            _ => throw Fault($"must be true, false or \"never\", not {Written}"),
        };

        public int? MaybeId() => MaybeInteger(0, MaxTokens);

        public int Id(JsonElement item) =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id is >= 0 and <= MaxTokens ? id : throw Fault("must hold token ids, which are whole numbers from 0");

        public IReadOnlyList<int> Ids(JsonElement item) =>
            item.ValueKind == JsonValueKind.Array && item.GetArrayLength() > 0 ? [.. item.EnumerateArray().Select(Id)] : throw Fault("must hold lists of token ids, none of them empty");

        public IReadOnlyList<int> IdOrIds() => IsNull ? [] : value.ValueKind == JsonValueKind.Array ? List("a token id or a list of them", Id) : [Id(value)];

        public TokenBias Bias(JsonElement item) =>
            item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2 ? new TokenBias(Ids(item[0]), Float(item[1])) : throw Fault("must hold pairs of token ids and a number");

        public Dictionary<int, float> Biases()
        {
            if (IsNull)
            {
                return [];
            }

            if (value.ValueKind != JsonValueKind.Object)
            {
                throw Fault("must be an object from token ids to numbers");
            }

            var biases = new Dictionary<int, float>();
            foreach (var item in value.EnumerateObject())
            {
                biases[int.TryParse(item.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw Fault("must be an object from token ids to numbers")] = Float(item.Value);
            }

            return biases;
        }

        public IReadOnlyList<string> Texts()
        {
            if (IsNull)
            {
                return [];
            }

            return value.ValueKind == JsonValueKind.String ? [Text(value)] : List("a text or a list of texts", Text);
        }

        public IReadOnlyList<T> List<T>(string expected, Func<JsonElement, T> item)
        {
            if (IsNull)
            {
                return [];
            }

            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxItems ? [.. value.EnumerateArray().Select(item)] : throw Fault($"must be {expected}");
        }

        private string Written => InputException.Quote(value.GetRawText(), 30);

        private string Text(JsonElement item) =>
            item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text ? text : throw Fault("must hold texts, none of them empty");

        private float Float(JsonElement item) =>
            item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out var number) && float.IsFinite(number) ? number : throw Fault("must hold numbers");
    }
}
