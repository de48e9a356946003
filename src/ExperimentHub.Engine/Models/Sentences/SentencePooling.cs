using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Sentences;

/// <summary>How the vectors of a text's tokens become one (Reimers and Gurevych 2019); several ways stand side by side in one vector.</summary>
internal sealed record SentencePooling(IReadOnlyList<string> Modes)
{
    private const double LeastCount = 1e-9;
    private const double BelowAll = -1e9;

    // The names of sentence-transformers 6, and the flags of the versions before, in the order in which the vectors stand.
    private static readonly (string Name, string Flag)[] s_modes =
    [
        ("cls", "pooling_mode_cls_token"),
        ("max", "pooling_mode_max_tokens"),
        ("mean", "pooling_mode_mean_tokens"),
        ("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
        ("weightedmean", "pooling_mode_weightedmean_tokens"),
        ("lasttoken", "pooling_mode_lasttoken"),
    ];

    public static SentencePooling Mean { get; } = new(["mean"]);

    /// <summary>What a pooling folder's <c>config.json</c> says.</summary>
    /// <exception cref="InputException">It says nothing that is known.</exception>
    public static SentencePooling Read(ConfigFields fields)
    {
        var modes = fields.Has("pooling_mode") ? fields.TextOrTexts("pooling_mode") : [.. s_modes.Where(m => fields.Flag(m.Flag, false)).Select(m => m.Name)];
        return modes.Count > 0 && modes.All(m => s_modes.Any(known => known.Name == m)) ? new SentencePooling(modes)
            : throw fields.Fault("pooling_mode", $"must be one of {string.Join(", ", s_modes.Select(m => m.Name))}");
    }

    /// <summary>Hidden states (B, T, C) and a mask (B, T) of real tokens to (B, modes · C).</summary>
    public Tensor Pool(Tensor hidden, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var real = mask.unsqueeze(-1).to(hidden.dtype);                                                    // (B, T, 1)
        var pooled = Modes.Select(mode => mode switch
        {
            "cls" => hidden.select(1, 0),
            "max" => hidden.masked_fill(real.eq(0), BelowAll).amax([1]),
            "mean" => (hidden * real).sum(1) / real.sum(1).clamp_min(LeastCount),
            "mean_sqrt_len_tokens" => (hidden * real).sum(1) / real.sum(1).clamp_min(LeastCount).sqrt(),
            "weightedmean" => WeightedMean(hidden, real),
            _ => LastToken(hidden, mask),
        });
        return cat([.. pooled], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Later tokens of a text count more: the first once, the second twice, …</summary>
    private static Tensor WeightedMean(Tensor hidden, Tensor real)
    {
        var weights = real * arange(1, hidden.shape[1] + 1, device: hidden.device).to(hidden.dtype).view(1, -1, 1);
        return (hidden * weights).sum(1) / weights.sum(1).clamp_min(LeastCount);
    }

    private static Tensor LastToken(Tensor hidden, Tensor mask)
    {
        var places = (mask * arange(hidden.shape[1], device: mask.device)).argmax(1);                       // (B)
        var index = places.view(-1, 1, 1).expand(hidden.shape[0], 1, hidden.shape[2]);
        return hidden.gather(1, index).squeeze(1);
    }
}
