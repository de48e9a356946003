namespace ExperimentHub.Engine.Training;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same order of rows on every machine and every version of .NET.</summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="count"/> − 1, each as likely to within count/2^64.</summary>
    public int Next(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
