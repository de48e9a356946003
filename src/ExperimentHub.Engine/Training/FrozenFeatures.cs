using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// What a frozen body makes of each row, computed once and kept: training a head on top needs no more of the body. Rows are computed
/// in fixed groups, all of a group when the first of them is asked for, so that the numbers of a row do not depend on who asks first
/// (a resumed run gets the same ones, bit by bit).
/// </summary>
internal sealed class FrozenFeatures : IDisposable
{
    private readonly ClassificationRows _rows;
    private readonly int _padTokenId;
    private readonly int[][] _groups;
    private readonly int[] _groupOf;
    private readonly bool[] _known;
    private readonly Func<PaddedBatch, Tensor> _body;
    private Tensor? _values;   // (rows, C)

    /// <param name="rows">The rows.</param>
    /// <param name="padTokenId">Fills rows up to the longest of their group.</param>
    /// <param name="groups">Every row number once.</param>
    /// <param name="body">A batch to its features (B, C), without gradients and without dropout.</param>
    public FrozenFeatures(ClassificationRows rows, int padTokenId, int[][] groups, Func<PaddedBatch, Tensor> body)
    {
        (_rows, _padTokenId, _groups, _body) = (rows, padTokenId, groups, body);
        _known = new bool[groups.Length];
        _groupOf = new int[rows.Count];
        for (var g = 0; g < groups.Length; g++)
        {
            foreach (var row in groups[g])
            {
                _groupOf[row] = g;
            }
        }
    }

    /// <summary>True when the features of so many rows take at most a quarter of the memory this process may use.</summary>
    public static bool Fit(long rows, long width) => rows * width * sizeof(float) <= GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>(B, C) of these rows.</summary>
    public Tensor Of(int[] rows)
    {
        foreach (var row in rows)
        {
            if (!_known[_groupOf[row]])
            {
                Compute(_groupOf[row]);
            }
        }

        using var index = tensor(rows, ScalarType.Int64, _values!.device);
        return _values.index_select(0, index);
    }

    public void Dispose() => _values?.Dispose();

    private void Compute(int group)
    {
        using var batch = _rows.Batch(_groups[group], _padTokenId);
        using var features = _body(batch);
        _values ??= empty([_rows.Count, features.shape[1]], features.dtype, features.device);
        using var index = tensor(_groups[group], ScalarType.Int64, features.device);
        _values.index_copy_(0, index, features);
        _known[group] = true;
    }
}
