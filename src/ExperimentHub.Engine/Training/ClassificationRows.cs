using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tokenizers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>Tokenised rows with their classes: flat arrays, no padding. Row i has the tokens <c>Offsets[i]</c> to <c>Offsets[i + 1]</c>.</summary>
public sealed record ClassificationRows
{
    public required int[] Ids { get; init; }

    /// <summary>0 first segment, 1 second; null when every row has one segment.</summary>
    public byte[]? TypeIds { get; init; }

    public required long[] Offsets { get; init; }

    /// <summary>Class ids.</summary>
    public required int[] Labels { get; init; }

    /// <summary>For reports on single rows; null when nobody will ask.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    public IReadOnlyList<string?>? TextPairs { get; init; }

    /// <summary>Numbers of the rows in the data set (<c>_row</c>); null: 0, 1, 2 …</summary>
    public IReadOnlyList<long>? RowNumbers { get; init; }

    public int Count => Labels.Length;

    public long Tokens => Offsets[^1];

    public int Length(int row) => (int)(Offsets[row + 1] - Offsets[row]);

    /// <summary>Encoded texts with the class of each.</summary>
    public static ClassificationRows From(TokenBatch encoded, int[] labels) => new()
    {
        Ids = encoded.Ids,
        TypeIds = encoded.TypeIds.AsSpan().ContainsAnyExcept((byte)0) ? encoded.TypeIds : null,
        Offsets = encoded.Offsets,
        Labels = labels,
    };

    /// <summary>Only these rows, in this order.</summary>
    public ClassificationRows Take(IReadOnlyList<int> rows)
    {
        if (rows.Count == Count && rows.Select((row, i) => row == i).All(same => same))
        {
            return this;
        }

        var offsets = new long[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++)
        {
            offsets[i + 1] = offsets[i] + Length(rows[i]);
        }

        return new ClassificationRows
        {
            Ids = [.. rows.SelectMany(r => Ids[(int)Offsets[r]..(int)Offsets[r + 1]])],
            TypeIds = TypeIds is null ? null : [.. rows.SelectMany(r => TypeIds[(int)Offsets[r]..(int)Offsets[r + 1]])],
            Offsets = offsets,
            Labels = [.. rows.Select(r => Labels[r])],
            Texts = Texts is null ? null : [.. rows.Select(r => Texts[r])],
            TextPairs = TextPairs is null ? null : [.. rows.Select(r => TextPairs[r])],
            RowNumbers = [.. rows.Select(r => RowNumbers?[r] ?? r)],
        };
    }

    /// <summary>Only the rows of this batch, padded to the longest of them.</summary>
    internal PaddedBatch Batch(ReadOnlySpan<int> rows, int padTokenId)
    {
        var longest = 0;
        var shortest = int.MaxValue;
        foreach (var row in rows)
        {
            longest = Math.Max(longest, Length(row));
            shortest = Math.Min(shortest, Length(row));
        }

        var ids = new long[rows.Length * longest];
        var types = TypeIds is null ? null : new long[ids.Length];
        var mask = shortest == longest ? null : new long[ids.Length];
        Array.Fill(ids, padTokenId);
        for (var i = 0; i < rows.Length; i++)
        {
            var begin = Offsets[rows[i]];
            for (var t = 0; t < Length(rows[i]); t++)
            {
                ids[(i * longest) + t] = Ids[begin + t];
                types?[(i * longest) + t] = TypeIds![begin + t];
                mask?[(i * longest) + t] = 1;
            }
        }

        long[] shape = [rows.Length, longest];
        return new PaddedBatch
        {
            Ids = tensor(ids, shape),
            Types = types is null || Array.TrueForAll(types, t => t == 0) ? null : tensor(types, shape),
            Mask = mask is null ? null : tensor(mask, shape),
        };
    }

    /// <summary>Only the rows of this batch, one after the other. A row without tokens gets one of padding.</summary>
    internal PackedBatch Pack(ReadOnlySpan<int> rows, int padTokenId)
    {
        var offsets = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            offsets[i + 1] = offsets[i] + Math.Max(1, Length(rows[i]));
        }

        var (ids, positions) = (new long[offsets[^1]], new long[offsets[^1]]);
        var types = TypeIds is null ? null : new long[offsets[^1]];
        Array.Fill(ids, padTokenId);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var t = 0; t < Length(rows[i]); t++)
            {
                var at = offsets[i] + t;
                ids[at] = Ids[Offsets[rows[i]] + t];
                positions[at] = t;
                types?[at] = TypeIds![Offsets[rows[i]] + t];
            }
        }

        return new PackedBatch
        {
            Ids = tensor(ids),
            Positions = tensor(positions),
            Types = types is null || Array.TrueForAll(types, t => t == 0) ? null : tensor(types),
            Starts = tensor(offsets[..^1], ScalarType.Int64),
            Offsets = offsets,
        };
    }

    internal Tensor LabelsOf(ReadOnlySpan<int> rows)
    {
        var labels = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            labels[i] = Labels[rows[i]];
        }

        return tensor(labels);
    }
}
