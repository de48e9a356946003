namespace ExperimentHub.Engine.Models;

/// <summary>Bytes that a model's parameters take, by what is done with them; what a batch takes on its way comes on top.</summary>
public static class ModelMemory
{
    // In 32 bits: the weight; and while it learns its gradient and Adam's two moments besides.
    private const int Whole = 4;
    private const int Half = 2;
    private const int Learning = 16;

    /// <summary>To compute with.</summary>
    public static long Of(long parameters, bool half = false) => parameters * (half ? Half : Whole);

    /// <summary>To train all of them with Adam.</summary>
    public static long Training(long parameters) => parameters * Learning;
}
