using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>What a weight is before anything is learned.</summary>
internal sealed record Initialisation
{
    private Initialisation()
    {
    }

    public static Initialisation Zero { get; } = new();

    public static Initialisation One { get; } = new() { Mean = 1 };

    public double Mean { get; private init; }

    /// <summary>Standard deviation of normally distributed numbers; 0: all numbers are <see cref="Mean"/>.</summary>
    public double Deviation { get; private init; }

    /// <summary>Numbers further from the mean than so many deviations are drawn again; 0: none are.</summary>
    public double Cutoff { get; private init; }

    /// <summary>The row of a table that stands for padding and is zero.</summary>
    public int? PaddingRow { get; private init; }

    public static Initialisation Normal(double deviation, double cutoff = 0, int? paddingRow = null) =>
        new() { Deviation = deviation, Cutoff = cutoff, PaddingRow = paddingRow };

    /// <summary>Fills rows of a weight, drawing from torch's generator as it stands.</summary>
    public void Fill(Tensor rows)
    {
        if (Deviation == 0)
        {
            rows.fill_(Mean);
        }
        else if (Cutoff > 0)
        {
            FillTruncated(rows);
        }
        else
        {
            rows.normal_(Mean, Deviation);
        }

        if (PaddingRow is { } row)
        {
            using var padding = rows.select(0, row);
            padding.zero_();
        }
    }

    private void FillTruncated(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var numbers = randn_like(rows);
        for (var far = numbers.abs().gt(Cutoff); far.any().item<bool>(); far = numbers.abs().gt(Cutoff))
        {
            numbers = where(far, randn_like(rows), numbers);
        }

        rows.copy_((numbers * Deviation) + Mean);
    }
}
