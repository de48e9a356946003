namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>A parser that reads a stranger's bytes.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Seeds">Contents that it reads without complaint; inputs are made from them.</param>
/// <param name="Words">Pieces that mean something to it.</param>
/// <param name="Read">Reads an input to the end; an <see cref="Engine.InputException"/> is a right answer, anything else that is thrown is a fault.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, IReadOnlyList<string> Words, Action<byte[]> Read)
{
    /// <summary>What puts lengths, checksums and compression right around a changed content, so that half of the inputs get past them.</summary>
    public Func<byte[], byte[]>? Wrap { get; init; }
}
