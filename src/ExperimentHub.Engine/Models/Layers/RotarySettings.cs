namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// How rotary positions (Su et al. 2021) turn with distance, as config.json says it: newer files in <c>rope_parameters</c>, older ones in
/// <c>rope_theta</c> and <c>rope_scaling</c>. The formulas are those of transformers' <c>modeling_rope_utils</c>.
/// </summary>
internal sealed record RotarySettings
{
    private const double MaxTheta = 1e12;
    private const int MaxLength = 1 << 28;

    private static readonly string[] s_kinds = ["default", "linear", "dynamic", "yarn", "llama3", "longrope"];

    public double Theta { get; init; } = 10_000;

    /// <summary><c>default</c>, <c>linear</c>, <c>dynamic</c>, <c>yarn</c>, <c>llama3</c> or <c>longrope</c>.</summary>
    public string Kind { get; init; } = "default";

    public double Factor { get; init; } = 1;

    /// <summary>Share of a head's numbers that are turned, from the first on.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The length for which the unscaled frequencies were trained.</summary>
    public int OriginalLength { get; init; }

    public double LowFrequencyFactor { get; init; } = 1;

    public double HighFrequencyFactor { get; init; } = 4;

    public double BetaFast { get; init; } = 32;

    public double BetaSlow { get; init; } = 1;

    /// <summary>LongRoPE (Ding et al. 2024): what each pair's angle is divided by in inputs up to the original length.</summary>
    public IReadOnlyList<double> ShortFactors { get; init; } = [];

    /// <summary>The same in longer inputs.</summary>
    public IReadOnlyList<double> LongFactors { get; init; } = [];

    /// <summary>YaRN's and LongRoPE's factor on cosine and sine; 1 for the other kinds.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>YaRN: whether the borders of the ramp are whole numbers.</summary>
    public bool Truncates { get; init; } = true;

    /// <param name="fields">The whole config.json.</param>
    /// <param name="maxLength">Its <c>max_position_embeddings</c>.</param>
    /// <param name="theta">What <c>rope_theta</c> is where the file has none.</param>
    /// <param name="layerType">The kind of layer, where the file gives each its own parameters.</param>
    /// <exception cref="InputException">A field cannot be, or the kind is not known.</exception>
    public static RotarySettings Read(ConfigFields fields, int maxLength, double theta = 10_000, string? layerType = null)
    {
        var parameters = fields.Object("rope_parameters");
        parameters = layerType is null ? parameters : parameters?.Object(layerType) ?? parameters;
        var scaling = parameters ?? fields.Object("rope_scaling");
        theta = fields.Number("rope_theta", 1, MaxTheta, theta);
        theta = parameters?.Number("rope_theta", 1, MaxTheta, theta) ?? theta;
        var share = fields.Number("partial_rotary_factor", 0.01, 1, 1);
        share = parameters?.Number("partial_rotary_factor", 0.01, 1, share) ?? share;
        var unscaled = new RotarySettings { Theta = theta, Share = share, OriginalLength = maxLength };
        var kind = scaling?.Text("rope_type") ?? scaling?.Text("type") ?? "default";
        if (scaling is null || kind == "default")
        {
            return unscaled;
        }

        // "su" is LongRoPE's older name, and Phi-3's first files called it yarn.
        kind = kind == "su" || scaling.Has("long_factor") ? "longrope" : kind;
        if (!s_kinds.Contains(kind))
        {
            throw scaling.Fault("rope_type", $"is {InputException.Quote(kind)}; known are {string.Join(", ", s_kinds)}");
        }

        var original = fields.Integer("original_max_position_embeddings", 1, MaxLength, scaling.Integer("original_max_position_embeddings", 1, MaxLength, maxLength));
        var factor = scaling.Number("factor", 1e-3, 1e6, kind is "yarn" or "longrope" ? (double)maxLength / original : 1);
        return unscaled with
        {
            Kind = kind,
            Factor = factor,
            OriginalLength = original,
            LowFrequencyFactor = scaling.Number("low_freq_factor", 1e-6, 1e6, 1),
            HighFrequencyFactor = scaling.Number("high_freq_factor", 1e-6, 1e6, 4),
            BetaFast = scaling.Number("beta_fast", 1e-6, 1e6, 32),
            BetaSlow = scaling.Number("beta_slow", 1e-6, 1e6, 1),
            ShortFactors = scaling.Numbers("short_factor", 1e-6, 1e6),
            LongFactors = scaling.Numbers("long_factor", 1e-6, 1e6),
            Temperature = kind switch
            {
                "yarn" => YarnTemperature(scaling, factor),
                "longrope" => scaling.Number("attention_factor", 1e-6, 1e6, factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original)))),
                _ => 1,
            },
            Truncates = scaling.Flag("truncate", true),
        };
    }

    /// <summary>Whether what a cache holds of <paramref name="before"/> tokens has been turned otherwise than an input of <paramref name="after"/> tokens turns it.</summary>
    public bool TurnsAnew(long before, long after) => Kind == "longrope" && before <= OriginalLength && after > OriginalLength;

    /// <exception cref="InputException">The factors are not one for each pair of a head's <paramref name="size"/> numbers that are turned.</exception>
    public void Check(ConfigFields fields, int size)
    {
        if (Kind == "longrope" && (ShortFactors.Count != size / 2 || LongFactors.Count != size / 2))
        {
            throw fields.Fault("rope_scaling", $"has {ShortFactors.Count} short and {LongFactors.Count} long factors; a head's {size} turned numbers need {size / 2} of each");
        }
    }

    /// <summary>Angles per place, one for each pair of the <paramref name="size"/> numbers that are turned, for an input of <paramref name="length"/> tokens.</summary>
    public float[] Frequencies(int size, long length) => Kind switch
    {
        "linear" => [.. Plain(size, Theta).Select(f => (float)(f / Factor))],
        "dynamic" => [.. Plain(size, DynamicTheta(size, length)).Select(f => (float)f)],
        "yarn" => Yarn(size),
        "longrope" => [.. Plain(size, Theta).Zip(length > OriginalLength ? LongFactors : ShortFactors, (f, factor) => (float)(f / factor))],
        "llama3" => [.. Plain(size, Theta).Select(f => (float)LlamaScaled(f))],
        _ => [.. Plain(size, Theta).Select(f => (float)f)],
    };

    private static double YarnTemperature(ConfigFields scaling, double factor)
    {
        var (all, one) = (scaling.Number("mscale_all_dim", 0, 1e6, 0), scaling.Number("mscale", 0, 1e6, 0));
        return scaling.Has("attention_factor") ? scaling.Number("attention_factor", 1e-6, 1e6, 1)
            : all > 0 && one > 0 ? Scale(one) / Scale(all)
            : Scale(1);

        double Scale(double strength) => factor <= 1 ? 1 : (0.1 * strength * Math.Log(factor)) + 1;
    }

    private static IEnumerable<double> Plain(int size, double theta) => Enumerable.Range(0, size / 2).Select(k => 1 / Math.Pow(theta, 2.0 * k / size));

    private double DynamicTheta(int size, long length) =>
        Theta * Math.Pow((Factor * Math.Max(length, OriginalLength) / OriginalLength) - (Factor - 1), (double)size / (size - 2));

    private double LlamaScaled(double frequency)
    {
        var waves = OriginalLength * frequency / (2 * Math.PI);   // turns within the original length
        var blend = (waves - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return waves > HighFrequencyFactor ? frequency
            : waves < LowFrequencyFactor ? frequency / Factor
            : ((1 - blend) * frequency / Factor) + (blend * frequency);
    }

    private float[] Yarn(int size)
    {
        var (low, high) = (Border(BetaFast), Border(BetaSlow));
        (low, high) = Truncates ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
        (low, high) = (Math.Max(low, 0), Math.Min(high, size - 1));
        high = low == high ? high + 0.001 : high;
        return [.. Plain(size, Theta).Select((f, k) =>
        {
            var ramp = Math.Clamp((k - low) / (high - low), 0, 1);
            return (float)((f / Factor * ramp) + (f * (1 - ramp)));
        })];

        double Border(double turns) => size * Math.Log(OriginalLength / (turns * 2 * Math.PI)) / (2 * Math.Log(Theta));
    }
}
