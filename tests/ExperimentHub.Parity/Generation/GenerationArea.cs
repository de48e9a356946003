namespace ExperimentHub.Parity.Generation;

/// <summary>Cases of text generation: logits processors alone, and models that write.</summary>
internal static class GenerationArea
{
    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var model in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            var name = folder.Name(model);
            if (!tally.Wants(name))
            {
                continue;
            }

            if (Path.GetFileName(model) == "processors")
            {
                ProcessorCases.Run(model, name, tally);
            }
            else
            {
                WritingCases.Run(model, name, tally);
            }
        }
    }
}
