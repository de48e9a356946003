using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>
/// LoRA or DoRA on a table of vectors: E[i] + s · B · A[:, i]. A head that shares the table keeps the base's, as in PEFT; merged, the change is
/// in both.
/// </summary>
internal sealed class LowRankTable(LowRankPair pair) : TableAdapter
{
    public override Tensor Of(Tensor table, Tensor rows, int? paddingRow)
    {
        var vectors = table.index_select(0, rows);
        var low = pair.Down.index_select(1, rows).t();               // (N, r)
        if (paddingRow is { } padding && low.requires_grad)
        {
            low = where(rows.eq(padding).unsqueeze(1), low.detach(), low);
        }

        var (sum, up) = (vectors.to(ScalarType.Float32), pair.ScaledUp);
        if (pair.IsDecomposed)
        {
            var gain = pair.Gain(table.t());
            (sum, up) = (sum * gain, up * gain.unsqueeze(1));
        }

        return sum.addmm_(low, up.t()).to(vectors.dtype);
    }
}
