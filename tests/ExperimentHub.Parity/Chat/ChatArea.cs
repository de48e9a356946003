namespace ExperimentHub.Parity.Chat;

/// <summary>Cases of chat templates and Jinja snippets.</summary>
internal static class ChatArea
{
    public static void Run(ParityFolder folder, string path, Tally tally) =>
        tally.Skip(folder.Name(path), "not run yet", Directory.EnumerateDirectories(path).Count());
}
