namespace ExperimentHub.Parity.Chat;

/// <summary>Cases of chat templates and Jinja snippets.</summary>
internal static class ChatArea
{
    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var template in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            if (tally.Wants(folder.Name(template)))
            {
                TemplateCases.Run(folder, template, tally);
            }
        }

        JinjaCases.Run(folder, path, tally);
    }
}
