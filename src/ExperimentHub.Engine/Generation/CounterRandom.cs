namespace ExperimentHub.Engine.Generation;

/// <summary>
/// Numbers that depend on nothing but where they are asked for: no state, so a text is the same alone and in a batch, and after a
/// restart. Each is the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over seed, stream and place.
/// </summary>
internal static class CounterRandom
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    /// <summary>From 0 up to, but not including, 1; multiples of 2⁻⁵³.</summary>
    public static double Uniform(ulong seed, ulong stream, ulong place) => (Mix(Mix(Mix(seed + Golden) + stream + Golden) + place + Golden) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
