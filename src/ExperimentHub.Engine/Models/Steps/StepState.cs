using System.Runtime.InteropServices;
using ExperimentHub.Engine.Models.Decoders;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>
/// What the layers of one decoding step share: hidden states in 32 bits, room to work in, and where each row is. R rows, C width.
/// </summary>
internal sealed unsafe class StepState : IDisposable
{
    private const nuint Alignment = 64;
    private const int Rooms = 4;

    private readonly int _roomSize;
    private readonly float* _memory;

    /// <param name="rows">R</param>
    /// <param name="width">C</param>
    /// <param name="widest">The longest row that any layer works with.</param>
    /// <param name="cache">Keys and values of the tokens before.</param>
    public StepState(int rows, int width, int widest, KeyValueCache cache)
    {
        Rows = rows;
        Cache = cache;
        _roomSize = rows * Math.Max(width, widest);
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)(_roomSize * (Rooms + 1) * sizeof(float)), Alignment);
    }

    public int Rows { get; }

    public KeyValueCache Cache { get; }

    /// <summary>(R, C)</summary>
    public float* Hidden => _memory;

    /// <summary>How many tokens are before this step's, padding included.</summary>
    public int Past => (int)Cache.Length;

    /// <summary>Of each row: how many of the tokens before are padding on its left.</summary>
    public int[] Padding { get; set; } = [];

    /// <summary>Cosine and sine of each row's place, for layers that see everything and for those that see a window.</summary>
    public StepAngles? Angles { get; set; }

    public StepAngles? WindowAngles { get; set; }

    /// <summary>Room of R of the longest rows; there are four.</summary>
    public float* Room(int index) => _memory + ((long)(index + 1) * _roomSize);

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}

/// <summary>Cosines and sines (R, half of what is turned) of the places of R rows, and which numbers are turned together.</summary>
internal sealed record StepAngles(float[] Cosine, float[] Sine, int Half, bool Interleaved);

/// <summary>One layer of a step: changes <see cref="StepState.Hidden"/>.</summary>
internal abstract class StepLayer
{
    /// <summary>The longest row that it works with.</summary>
    public abstract int Widest { get; }

    /// <param name="state">Hidden states, and where each row is.</param>
    /// <param name="width">C</param>
    public abstract void Run(StepState state, int width);
}
