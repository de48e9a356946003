using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>
/// A normalisation over rows of one width: by the root of the mean square, or with the mean taken away first (layer normalisation).
/// The weights are copied, in 32 bits.
/// </summary>
internal sealed unsafe class StepNorm
{
    private readonly float[] _weight;
    private readonly float[]? _bias;
    private readonly float _epsilon;
    private readonly bool _centres;

    /// <param name="weight">(C)</param>
    /// <param name="bias">(C) or null.</param>
    /// <param name="epsilon">Is added to the mean square.</param>
    /// <param name="offset">Is added to each weight: 1 where they are kept as their distance from it.</param>
    /// <param name="centres">The mean is taken away.</param>
    public StepNorm(Tensor weight, Tensor? bias, double epsilon, float offset = 0, bool centres = false)
    {
        (_weight, _bias, _epsilon, _centres) = (Numbers(weight), bias is null ? null : Numbers(bias), (float)epsilon, centres);
        for (var i = 0; i < _weight.Length; i++)
        {
            _weight[i] += offset;
        }
    }

    /// <summary>Rows from x to y, which may be the same; rows lie <paramref name="step"/> numbers apart in both.</summary>
    public void Normalise(float* x, float* y, int rows, int step)
    {
        var width = _weight.Length;
        for (var row = 0; row < rows; row++, x += step, y += step)
        {
            var (mean, square) = (0.0, 0.0);
            if (_centres)
            {
                for (var i = 0; i < width; i++)
                {
                    mean += x[i];
                }

                mean /= width;
            }

            for (var i = 0; i < width; i++)
            {
                var distance = x[i] - mean;
                square += distance * distance;
            }

            var factor = 1 / MathF.Sqrt((float)(square / width) + _epsilon);
            for (var i = 0; i < width; i++)
            {
                y[i] = ((x[i] - (float)mean) * factor * _weight[i]) + (_bias is null ? 0 : _bias[i]);
            }
        }
    }

    private static float[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
