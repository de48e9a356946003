using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>
/// y = W · x + b for the one or few rows of a decoding step. To read the weights is all that such a product costs, so all threads share
/// one pass over them, and 16-bit weights are widened in the registers: torch is ten times slower with those on a processor that has no
/// instructions for bfloat16.
/// </summary>
/// <remarks>
/// R rows, I inputs, O outputs. The matrix is (O, I), or (I, O) where <c>inputsFirst</c> is set. Sums are in 32 bits. Holds addresses:
/// valid as long as the weights lie where they lay.
/// </remarks>
internal sealed unsafe class StepMatrix(Tensor weight, Tensor? bias, bool inputsFirst = false)
{
    private const int Lane = 8;

    /// <summary>Smaller products are done before another thread has looked.</summary>
    private const long AloneBelow = 1 << 15;

    private readonly nint _weight = weight.Address();
    private readonly nint _bias = bias?.Address() ?? 0;
    private readonly bool _half = weight.dtype == ScalarType.BFloat16;
    private float[] _pairs = [];

    public int Outputs { get; } = (int)weight.shape[inputsFirst ? 1 : 0];

    public int Inputs { get; } = (int)weight.shape[inputsFirst ? 0 : 1];

    /// <summary>True where <see cref="Multiply"/> can do it: on the processor, in 32 bits or bfloat16, with rows of whole vectors.</summary>
    public static bool Fits(Tensor weight) =>
        weight.device_type == TorchSharp.DeviceType.CPU && weight.dtype is ScalarType.Float32 or ScalarType.BFloat16 && weight.is_contiguous() && weight.shape[1] % Lane == 0;

    /// <summary>x (R, I) to y (R, O); with <paramref name="adds"/> the product is added to what stands in y.</summary>
    public void Multiply(float* x, float* y, int rows, bool adds = false)
    {
        var product = new Product
        {
            Rows = rows,
            Inputs = Inputs,
            Outputs = Outputs,
            Weight = _weight,
            Bias = _bias,
            X = x,
            Y = y,
            Half = _half,
            Adds = adds,
        };
        if (_half && !inputsFirst && Inputs % (2 * Lane) == 0)
        {
            fixed (float* pairs = Pairs(x, rows))
            {
                product.X = pairs;
                product.Paired = true;
                Run(&product);
            }
        }
        else
        {
            Run(&product);
        }
    }

    private void Run(Product* product)
    {
        delegate*<void*, int, int, void> run = inputsFirst ? &RunColumns : &RunRows;
        var pieces = inputsFirst ? Outputs / Lane : Outputs;
        if ((long)Outputs * Inputs < AloneBelow)
        {
            run(product, 0, pieces);
        }
        else
        {
            ThreadTeam.Shared.Run(run, product, pieces);
        }
    }

    /// <summary>
    /// Of each sixteen numbers first the even ones, then the odd ones: two 16-bit weights that are read as one 32-bit number become two
    /// floats by a shift and a mask, without a number changing its lane.
    /// </summary>
    private float[] Pairs(float* x, int rows)
    {
        if (_pairs.Length < rows * Inputs)
        {
            _pairs = GC.AllocateUninitializedArray<float>(rows * Inputs);
        }

        for (var block = 0; block < rows * Inputs; block += 2 * Lane)
        {
            for (var i = 0; i < Lane; i++)
            {
                (_pairs[block + i], _pairs[block + Lane + i]) = (x[block + (2 * i)], x[block + (2 * i) + 1]);
            }
        }

        return _pairs;
    }

    private static void RunRows(void* product, int begin, int end) => ((Product*)product)->Rowwise(begin, end);

    private static void RunColumns(void* product, int begin, int end) => ((Product*)product)->Columnwise(begin * Lane, end * Lane);

    private struct Product
    {
        public int Rows;
        public int Inputs;
        public int Outputs;
        public nint Weight;
        public nint Bias;
        public float* X;
        public float* Y;
        public bool Half;
        public bool Adds;

        /// <summary>X stands in the order of <see cref="Pairs"/>.</summary>
        public bool Paired;

        /// <summary>Outputs from <paramref name="begin"/> up to <paramref name="end"/>, each the product of two rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Rowwise(int begin, int end)
        {
            for (var output = begin; output < end; output++)
            {
                for (var row = 0; row < Rows; row++)
                {
                    var x = X + ((long)row * Inputs);
                    var sum = Paired ? DotPairs((ushort*)Weight + ((long)output * Inputs), x)
                        : Half ? Dot((ushort*)Weight + ((long)output * Inputs), x)
                        : Dot((float*)Weight + ((long)output * Inputs), x);
                    Finish(row, output, sum);
                }
            }
        }

        /// <summary>The same where the outputs of one input lie side by side: sums grow input by input.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Columnwise(int begin, int end)
        {
            var sums = stackalloc float[end - begin];
            for (var row = 0; row < Rows; row++)
            {
                new Span<float>(sums, end - begin).Clear();
                for (var input = 0; input < Inputs; input++)
                {
                    var factor = Vector256.Create(X[((long)row * Inputs) + input]);
                    var place = ((long)input * Outputs) + begin;
                    for (var i = 0; i < end - begin; i += Lane)
                    {
                        var weights = Half ? BFloat16.Widen((ushort*)Weight + place + i) : Vector256.Load((float*)Weight + place + i);
                        Vector256.FusedMultiplyAdd(weights, factor, Vector256.Load(sums + i)).Store(sums + i);
                    }
                }

                for (var output = begin; output < end; output++)
                {
                    Finish(row, output, sums[output - begin]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Finish(int row, int output, float sum)
        {
            sum += Bias == 0 ? 0 : Half ? BFloat16.Widen(((ushort*)Bias)[output]) : ((float*)Bias)[output];
            var y = Y + ((long)row * Outputs) + output;
            *y = Adds ? *y + sum : sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float Dot(float* weight, float* x)
        {
            var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var i = 0;
            for (; i <= Inputs - (4 * Lane); i += 4 * Lane)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(weight + i), Vector256.Load(x + i), a);
                b = Vector256.FusedMultiplyAdd(Vector256.Load(weight + i + Lane), Vector256.Load(x + i + Lane), b);
                c = Vector256.FusedMultiplyAdd(Vector256.Load(weight + i + (2 * Lane)), Vector256.Load(x + i + (2 * Lane)), c);
                d = Vector256.FusedMultiplyAdd(Vector256.Load(weight + i + (3 * Lane)), Vector256.Load(x + i + (3 * Lane)), d);
            }

            for (; i < Inputs; i += Lane)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(weight + i), Vector256.Load(x + i), a);
            }

            return Vector256.Sum(a + b + (c + d));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float Dot(ushort* weight, float* x)
        {
            var sum = Vector256<float>.Zero;
            for (var i = 0; i < Inputs; i += Lane)
            {
                sum = Vector256.FusedMultiplyAdd(BFloat16.Widen(weight + i), Vector256.Load(x + i), sum);
            }

            return Vector256.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float DotPairs(ushort* weight, float* x)
        {
            const int Block = 2 * Lane;
            var upper = Vector256.Create(0xFFFF_0000u);
            var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var i = 0;
            for (; i <= Inputs - (2 * Block); i += 2 * Block)
            {
                var first = Vector256.Load((uint*)(weight + i));
                var second = Vector256.Load((uint*)(weight + i + Block));
                a = Vector256.FusedMultiplyAdd((first << 16).AsSingle(), Vector256.Load(x + i), a);
                b = Vector256.FusedMultiplyAdd((first & upper).AsSingle(), Vector256.Load(x + i + Lane), b);
                c = Vector256.FusedMultiplyAdd((second << 16).AsSingle(), Vector256.Load(x + i + Block), c);
                d = Vector256.FusedMultiplyAdd((second & upper).AsSingle(), Vector256.Load(x + i + Block + Lane), d);
            }

            for (; i < Inputs; i += Block)
            {
                var last = Vector256.Load((uint*)(weight + i));
                a = Vector256.FusedMultiplyAdd((last << 16).AsSingle(), Vector256.Load(x + i), a);
                b = Vector256.FusedMultiplyAdd((last & upper).AsSingle(), Vector256.Load(x + i + Lane), b);
            }

            return Vector256.Sum(a + b + (c + d));
        }
    }
}
