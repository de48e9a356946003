using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// Cosine and sine of each place for queries and keys (Su et al. 2021). Llama and Qwen turn number k with number k + D/2 ("half"),
/// ERNIE 4.5 turns neighbours ("interleaved"); what is turned first is a question of the checkpoint's row order alone.
/// </summary>
internal sealed class RotaryEmbedding(RotarySettings settings, int headSize, bool interleaved = false)
{
    private readonly int _size = (int)(headSize * settings.Share);

    /// <summary>Places (B, T) or (T) int64 to the table for them, for inputs of <paramref name="length"/> tokens in all.</summary>
    public RotaryTable At(Tensor positions, long length, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        var frequencies = tensor(settings.Frequencies(_size, length), device: positions.device);
        var angles = positions.to(ScalarType.Float32).unsqueeze(-1) * frequencies;                              // (…, T, D/2)
        angles = interleaved ? angles.repeat_interleave(2, angles.dim() - 1) : cat([angles, angles], -1);                      // (…, T, D)
        angles = positions.dim() == 1 ? angles.unsqueeze(0).unsqueeze(0) : angles.unsqueeze(1);                   // (B or 1, 1, T, D)
        var (cosine, sine) = ((angles.cos() * settings.Temperature).to(precision), (angles.sin() * settings.Temperature).to(precision));
        return new RotaryTable(cosine.MoveToOuterDisposeScope(), sine.MoveToOuterDisposeScope(), interleaved);
    }

    /// <summary>The same for one token a row at <paramref name="positions"/>, without torch.</summary>
    public StepAngles At(ReadOnlySpan<int> positions, long length)
    {
        var frequencies = settings.Frequencies(_size, length);
        var (cosine, sine) = (new float[positions.Length * frequencies.Length], new float[positions.Length * frequencies.Length]);
        for (var i = 0; i < cosine.Length; i++)
        {
            var angle = positions[i / frequencies.Length] * frequencies[i % frequencies.Length];
            (cosine[i], sine[i]) = (MathF.Cos(angle) * (float)settings.Temperature, MathF.Sin(angle) * (float)settings.Temperature);
        }

        return new StepAngles(cosine, sine, frequencies.Length, interleaved);
    }
}

/// <summary>Cosine and sine (B or 1, 1, T, D) of the places of one batch.</summary>
internal sealed record RotaryTable(Tensor Cosine, Tensor Sine, bool Interleaved)
{
    /// <summary>(B, H, T, D) with each pair of its first numbers turned by its angle; numbers beyond the table's width stay.</summary>
    public Tensor Turn(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (size, whole) = (Cosine.shape[^1], x.shape[^1]);
        var turning = size == whole ? x : x.narrow(-1, 0, size);
        var turned = (turning * Cosine) + (Quarter(turning) * Sine);
        return (size == whole ? turned : cat([turned, x.narrow(-1, size, whole - size)], -1)).MoveToOuterDisposeScope();
    }

    /// <summary>Each pair (a, b) becomes (−b, a).</summary>
    private Tensor Quarter(Tensor x)
    {
        if (Interleaved)
        {
            var pairs = x.reshape([.. x.shape[..^1], x.shape[^1] / 2, 2]);
            return stack([-pairs.select(-1, 1), pairs.select(-1, 0)], -1).reshape(x.shape);
        }

        var half = x.shape[^1] / 2;
        return cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
    }
}
