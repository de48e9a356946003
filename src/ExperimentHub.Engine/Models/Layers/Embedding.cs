using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>A table of vectors. The row that stands for padding gets no gradient from being looked up; a head that is tied to the table still gives it one.</summary>
internal sealed class Embedding(Place place, long rows, long width, string setting, int? paddingRow = null)
{
    /// <summary>(rows, width)</summary>
    public Weight Weight { get; } = place.Add(
        "weight", [rows, width], setting, paddingRow is null || place.Initial.Deviation == 0 ? place.Initial : Initialisation.Normal(place.Initial.Deviation, place.Initial.Cutoff, paddingRow));

    /// <summary>Ids (…) to vectors (…, width).</summary>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var flat = ids.flatten();
        var vectors = Weight.Value.index_select(0, flat);
        if (paddingRow is { } padding && vectors.requires_grad)
        {
            vectors = where(flat.eq(padding).unsqueeze(1), vectors.detach(), vectors);
        }

        return vectors.view([.. ids.shape, width]).MoveToOuterDisposeScope();
    }

    /// <summary>(count, width): the vectors of consecutive rows, as one view.</summary>
    public Tensor Rows(long first, long count) => Weight.Value.narrow(0, first, count);
}
