namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Many encoded texts in flat arrays, without padding: what training reads.</summary>
public sealed class TokenBatch
{
    /// <summary>All ids, row after row.</summary>
    public required int[] Ids { get; init; }

    /// <summary>Token types, beside <see cref="Ids"/>.</summary>
    public required byte[] TypeIds { get; init; }

    /// <summary>Where each row begins in <see cref="Ids"/>; one entry more than there are rows.</summary>
    public required long[] Offsets { get; init; }

    /// <summary>Rows from which tokens were cut off.</summary>
    public required int TruncatedRows { get; init; }

    public int Count => Offsets.Length - 1;

    public int Length(int row) => (int)(Offsets[row + 1] - Offsets[row]);

    public ReadOnlySpan<int> Row(int row) => Ids.AsSpan((int)Offsets[row], Length(row));

    public ReadOnlySpan<byte> RowTypes(int row) => TypeIds.AsSpan((int)Offsets[row], Length(row));

    /// <summary>The rows of several batches one after another.</summary>
    internal static TokenBatch Join(IReadOnlyList<TokenBatch> batches)
    {
        if (batches.Count == 1)
        {
            return batches[0];
        }

        var ids = new int[batches.Sum(b => b.Ids.Length)];
        var types = new byte[ids.Length];
        var offsets = new long[batches.Sum(b => b.Count) + 1];
        var (row, at) = (0, 0);
        foreach (var batch in batches)
        {
            batch.Ids.CopyTo(ids, at);
            batch.TypeIds.CopyTo(types, at);
            for (var i = 1; i <= batch.Count; i++)
            {
                offsets[row + i] = at + batch.Offsets[i];
            }

            row += batch.Count;
            at += batch.Ids.Length;
        }

        return new TokenBatch { Ids = ids, TypeIds = types, Offsets = offsets, TruncatedRows = batches.Sum(b => b.TruncatedRows) };
    }
}
