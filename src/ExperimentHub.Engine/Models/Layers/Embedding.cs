using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>A table of vectors. The row that stands for padding gets no gradient from being looked up; a head that is tied to the table still gives it one.</summary>
internal sealed class Embedding
{
    private readonly long _width;
    private readonly int? _paddingRow;

    public Embedding(Place place, long rows, long width, string setting, int? paddingRow = null)
    {
        (_width, _paddingRow) = (width, paddingRow);
        var initial = paddingRow is null || place.Initial.Deviation == 0 ? place.Initial : Initialisation.Normal(place.Initial.Deviation, place.Initial.Cutoff, paddingRow);
        Weight = place.Add("weight", [rows, width], setting, initial);
        Weight.Table = this;
    }

    /// <summary>(rows, width)</summary>
    public Weight Weight { get; }

    /// <summary>What is looked up instead while an adapter is active; null: the rows themselves. A head that is tied to the table does not see it.</summary>
    public TableAdapter? Adapter { get; set; }

    /// <summary>Ids (…) to vectors (…, width).</summary>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var flat = ids.flatten();
        var vectors = Adapter?.Of(Weight.Value, flat, _paddingRow) ?? Weight.Value.index_select(0, flat);
        if (_paddingRow is { } padding && Adapter is null && vectors.requires_grad)
        {
            vectors = where(flat.eq(padding).unsqueeze(1), vectors.detach(), vectors);
        }

        return vectors.view([.. ids.shape, _width]).MoveToOuterDisposeScope();
    }

    /// <summary>(count, width): the vectors of consecutive rows, as one view where no adapter is active.</summary>
    public Tensor Rows(long first, long count) => Adapter is null ? Weight.Value.narrow(0, first, count) : Forward(arange(first, first + count, device: Weight.Value.device));
}

/// <summary>What an adapter looks up in place of the rows of a table that it leaves as it is.</summary>
internal abstract class TableAdapter
{
    /// <summary>
    /// Rows (N) int64 of a table (rows, width) to vectors (N, width); what the adapter has for <paramref name="paddingRow"/> gets no gradient.
    /// Temporary tensors stay in the caller's scope.
    /// </summary>
    public abstract Tensor Of(Tensor table, Tensor rows, int? paddingRow);
}
