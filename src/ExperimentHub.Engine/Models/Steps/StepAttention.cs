using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>
/// Attention of the new token of each row over all before it: its query and key are normalised and turned, key and value are written
/// behind those in the cache, and each head makes one pass over keys and one over values.
/// </summary>
/// <remarks>R rows, H heads of queries, K of keys and values, D head size.</remarks>
internal sealed unsafe class StepAttention(int layer, int heads, int groups, int size, double scale)
{
    private const int Lane = 8;

    /// <summary>Fewer numbers than these are read before another thread has looked.</summary>
    private const long AloneBelow = 1 << 15;

    private float[] _scores = [];
    private Tensor? _keys;
    private Tensor? _values;
    private nint _keyAddress;
    private nint _valueAddress;
    private long _room;

    public StepNorm? QueryNorm { get; init; }

    public StepNorm? KeyNorm { get; init; }

    /// <summary>How many tokens a query sees, itself included.</summary>
    public int Window { get; init; } = int.MaxValue;

    /// <summary>True: turned by the window's angles.</summary>
    public bool Slides { get; init; }

    public int Widest => (heads + (2 * groups)) * size;

    /// <summary>Query, key and value of each row (R, (H + 2K) · D) to what the heads found (R, H · D). The first are changed.</summary>
    public void Run(StepState state, float* projected, float* mixed, ScalarType cacheType)
    {
        var width = Widest;
        var angles = Slides ? state.WindowAngles ?? state.Angles : state.Angles;
        for (var row = 0; row < state.Rows; row++)
        {
            var queries = projected + ((long)row * width);
            QueryNorm?.Normalise(queries, queries, heads, size);
            KeyNorm?.Normalise(queries + (heads * size), queries + (heads * size), groups, size);
            if (angles is not null)
            {
                Turn(queries, heads + groups, angles, row);
            }
        }

        var (keys, values) = state.Cache.Room(layer, state.Rows, groups, size, size, 1, cacheType, CPU);
        var length = state.Past + 1;
        if (!ReferenceEquals(keys, _keys) || !ReferenceEquals(values, _values))
        {
            (_keys, _values, _keyAddress, _valueAddress, _room) = (keys, values, keys.Address(), values.Address(), keys.shape[2]);
        }

        if (_scores.Length < state.Rows * heads * (length + Lane))
        {
            _scores = GC.AllocateUninitializedArray<float>(state.Rows * heads * (length + (8 * Lane)), pinned: true);
        }

        fixed (float* scores = _scores)
        fixed (int* padding = state.Padding)
        {
            var work = new Work
            {
                Heads = heads,
                Groups = groups,
                Size = size,
                Length = length,
                Room = _room,
                Keys = _keyAddress,
                Values = _valueAddress,
                Half = cacheType == ScalarType.BFloat16,
                Scale = (float)scale,
                Projected = projected,
                Mixed = mixed,
                Scores = scores,
                Padding = padding,
                Window = Window,
            };
            if ((long)state.Rows * heads * length * size < AloneBelow)
            {
                work.Run(0, state.Rows * groups);
            }
            else
            {
                ThreadTeam.Shared.Run(&RunGroups, &work, state.Rows * groups);
            }
        }
    }

    private static void RunGroups(void* work, int begin, int end) => ((Work*)work)->Run(begin, end);

    /// <summary>Each pair of the first numbers of each head is turned by its angle.</summary>
    private void Turn(float* x, int count, StepAngles angles, int row)
    {
        var half = angles.Half;
        fixed (float* cosine = &angles.Cosine[row * half], sine = &angles.Sine[row * half])
        {
            for (var head = 0; head < count; head++, x += size)
            {
                for (var k = 0; k < half; k++)
                {
                    var (first, second) = angles.Interleaved ? (2 * k, (2 * k) + 1) : (k, k + half);
                    var (a, b) = (x[first], x[second]);
                    x[first] = (a * cosine[k]) - (b * sine[k]);
                    x[second] = (b * cosine[k]) + (a * sine[k]);
                }
            }
        }
    }

    private struct Work
    {
        public int Heads;
        public int Groups;
        public int Size;
        public int Length;
        public long Room;
        public nint Keys;
        public nint Values;
        public bool Half;
        public float Scale;
        public float* Projected;
        public float* Mixed;
        public float* Scores;
        public int* Padding;
        public int Window;

        /// <summary>Heads of keys and values, counted over all rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end)
        {
            for (var group = begin; group < end; group++)
            {
                var (row, head) = (group / Groups, group % Groups);
                var projected = Projected + ((long)row * (Heads + (2 * Groups)) * Size);
                var place = group * Room * Size;
                Store(projected + ((Heads + head) * Size), Keys, place + ((long)(Length - 1) * Size));
                Store(projected + ((Heads + Groups + head) * Size), Values, place + ((long)(Length - 1) * Size));
                var first = Math.Max(Padding[row], Length - Math.Min(Window, Length));
                for (var query = head * (Heads / Groups); query < (head + 1) * (Heads / Groups); query++)
                {
                    var scores = Scores + ((long)((row * Heads) + query) * (Length + Lane));
                    Compare(projected + (query * Size), place, first, scores);
                    SoftmaxLine.Apply(scores, Length - first);
                    Mix(scores, place, first, Mixed + ((long)((row * Heads) + query) * Size));
                }
            }
        }

        private readonly void Store(float* source, nint target, long place)
        {
            for (var i = 0; i < Size; i++)
            {
                if (Half)
                {
                    ((ushort*)target)[place + i] = BFloat16.Round(source[i]);
                }
                else
                {
                    ((float*)target)[place + i] = source[i];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector256<float> Read(nint source, long place) => Half ? BFloat16.Widen((ushort*)source + place) : Vector256.Load((float*)source + place);

        private readonly float ReadOne(nint source, long place) => Half ? BFloat16.Widen(((ushort*)source)[place]) : ((float*)source)[place];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Compare(float* query, long place, int first, float* scores)
        {
            for (var token = first; token < Length; token++)
            {
                var key = place + ((long)token * Size);
                var sum = Vector256<float>.Zero;
                var i = 0;
                for (; i <= Size - Lane; i += Lane)
                {
                    sum = Vector256.FusedMultiplyAdd(Read(Keys, key + i), Vector256.Load(query + i), sum);
                }

                var rest = 0f;
                for (; i < Size; i++)
                {
                    rest += ReadOne(Keys, key + i) * query[i];
                }

                scores[token - first] = (Vector256.Sum(sum) + rest) * Scale;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Mix(float* scores, long place, int first, float* mixed)
        {
            new Span<float>(mixed, Size).Clear();
            for (var token = first; token < Length; token++)
            {
                var share = Vector256.Create(scores[token - first]);
                var value = place + ((long)token * Size);
                var i = 0;
                for (; i <= Size - Lane; i += Lane)
                {
                    Vector256.FusedMultiplyAdd(Read(Values, value + i), share, Vector256.Load(mixed + i)).Store(mixed + i);
                }

                for (; i < Size; i++)
                {
                    mixed[i] += ReadOne(Values, value + i) * share[0];
                }
            }
        }
    }
}
