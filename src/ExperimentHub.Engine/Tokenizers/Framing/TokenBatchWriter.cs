using ExperimentHub.Engine.Tokenizers.PostProcessors;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Frames rows one after another into flat arrays.</summary>
internal sealed class TokenBatchWriter(int rows)
{
    private readonly long[] _offsets = new long[rows + 1];
    private int[] _ids = new int[rows * 32];
    private byte[] _types = new byte[rows * 32];
    private int _count;
    private int _row;
    private int _truncated;

    internal void Add(Template template, TokenBuffer first, TokenBuffer? second, EncodeOptions options)
    {
        var (firstLength, secondLength) = Frame.Lengths(first.Count, second?.Count, template, options);
        Reserve(template.SpecialTokens + firstLength + secondLength);
        foreach (var part in template.Parts)
        {
            if (part.Sequence < 0)
            {
                foreach (var id in part.Ids)
                {
                    _ids[_count] = id;
                    _types[_count++] = (byte)part.TypeId;
                }

                continue;
            }

            var (source, length) = part.Sequence == 0 ? (first, firstLength) : (second!, secondLength);
            var start = options.TruncateLeft ? source.Count - length : 0;
            source.Ids.AsSpan(start, length).CopyTo(_ids.AsSpan(_count));
            _types.AsSpan(_count, length).Fill((byte)part.TypeId);
            _count += length;
        }

        _truncated += firstLength < first.Count || secondLength < (second?.Count ?? 0) ? 1 : 0;
        _offsets[++_row] = _count;
    }

    internal TokenBatch Finish() => new() { Ids = _ids[.._count], TypeIds = _types[.._count], Offsets = _offsets, TruncatedRows = _truncated };

    private void Reserve(int more)
    {
        if (_count + more > _ids.Length)
        {
            var capacity = Math.Max(2 * _ids.Length, _count + more);
            Array.Resize(ref _ids, capacity);
            Array.Resize(ref _types, capacity);
        }
    }
}
