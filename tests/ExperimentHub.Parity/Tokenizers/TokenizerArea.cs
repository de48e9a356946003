namespace ExperimentHub.Parity.Tokenizers;

/// <summary>Cases of tokenizers.</summary>
internal static class TokenizerArea
{
    public static void Run(ParityFolder folder, string path, Tally tally) =>
        tally.Skip(folder.Name(path), "not run yet", Directory.EnumerateDirectories(path).Count());
}
