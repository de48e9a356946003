using System.Buffers.Binary;

namespace ExperimentHub.Web.Metrics;

/// <summary>
/// Packs consecutive points of one curve into a blob: columns one after the other, steps, times and tokens as zigzag varints of their
/// differences, values as raw doubles. About 12 bytes a point without epochs.
/// </summary>
internal static class Segment
{
    private const byte HasEpochs = 1;
    private const byte HasTokens = 2;

    public static byte[] Encode(ReadOnlySpan<MetricPoint> points)
    {
        byte flags = 0;
        foreach (ref readonly var point in points)
        {
            flags |= double.IsNaN(point.Epoch) ? (byte)0 : HasEpochs;
            flags |= point.Tokens < 0 ? (byte)0 : HasTokens;
        }

        var buffer = new byte[1 + (points.Length * (10 + 10 + 10 + 8 + 8))];
        buffer[0] = flags;
        var at = 1;
        foreach (ref readonly var point in points)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(buffer.AsSpan(at), point.Value);
            at += 8;
        }

        long before = 0;
        foreach (ref readonly var point in points)
        {
            WriteVarint(buffer, ref at, unchecked(point.Step - before));
            before = point.Step;
        }

        before = 0;
        foreach (ref readonly var point in points)
        {
            WriteVarint(buffer, ref at, unchecked(point.Time - before));
            before = point.Time;
        }

        if ((flags & HasEpochs) != 0)
        {
            foreach (ref readonly var point in points)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(buffer.AsSpan(at), point.Epoch);
                at += 8;
            }
        }

        if ((flags & HasTokens) != 0)
        {
            before = 0;
            foreach (ref readonly var point in points)
            {
                WriteVarint(buffer, ref at, unchecked(point.Tokens - before));
                before = point.Tokens;
            }
        }

        return buffer.AsSpan(0, at).ToArray();
    }

    public static void Decode(ReadOnlySpan<byte> blob, Span<MetricPoint> points)
    {
        var flags = blob[0];
        var values = 1;
        var at = 1 + (8 * points.Length);
        long step = 0;
        for (var i = 0; i < points.Length; i++)
        {
            step = unchecked(step + ReadVarint(blob, ref at));
            points[i] = new MetricPoint(step, BinaryPrimitives.ReadDoubleLittleEndian(blob[(values + (8 * i))..]), 0);
        }

        long time = 0;
        for (var i = 0; i < points.Length; i++)
        {
            time = unchecked(time + ReadVarint(blob, ref at));
            points[i] = points[i] with { Time = time };
        }

        if ((flags & HasEpochs) != 0)
        {
            for (var i = 0; i < points.Length; i++, at += 8)
            {
                points[i] = points[i] with { Epoch = BinaryPrimitives.ReadDoubleLittleEndian(blob[at..]) };
            }
        }

        if ((flags & HasTokens) != 0)
        {
            long tokens = 0;
            for (var i = 0; i < points.Length; i++)
            {
                tokens = unchecked(tokens + ReadVarint(blob, ref at));
                points[i] = points[i] with { Tokens = tokens };
            }
        }
    }

    private static void WriteVarint(byte[] buffer, ref int at, long value)
    {
        var zigzag = (ulong)((value << 1) ^ (value >> 63));
        while (zigzag >= 0x80)
        {
            buffer[at++] = (byte)(zigzag | 0x80);
            zigzag >>= 7;
        }

        buffer[at++] = (byte)zigzag;
    }

    private static long ReadVarint(ReadOnlySpan<byte> blob, ref int at)
    {
        ulong zigzag = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = blob[at++];
            zigzag |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            }
        }
    }
}
