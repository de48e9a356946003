using ExperimentHub.Parity.Chat;
using ExperimentHub.Parity.Generation;
using ExperimentHub.Parity.Hub;
using ExperimentHub.Parity.Models;
using ExperimentHub.Parity.Peft;
using ExperimentHub.Parity.Tokenizers;

namespace ExperimentHub.Parity;

/// <summary>Finds the areas of a folder and runs the cases of each.</summary>
internal static class ParityRunner
{
    private static readonly Dictionary<string, Action<ParityFolder, string, Tally>> s_areas = new()
    {
        ["chat"] = ChatArea.Run,
        ["generation"] = GenerationArea.Run,
        ["hub"] = HubArea.Run,
        ["models"] = ModelsArea.Run,
        ["peft"] = PeftArea.Run,
        ["tokenizers"] = TokenizerArea.Run,
    };

    public static int Run(string root, string only)
    {
        if (!Directory.Exists(root))
        {
            Console.Error.WriteLine($"There is no folder {root}.");
            return 2;
        }

        var tally = new Tally(Console.Out, only.Trim('/'));
        var folder = new ParityFolder(root);
        foreach (var path in Directory.EnumerateDirectories(folder.Root).Order(StringComparer.Ordinal))
        {
            var name = folder.Name(path);
            if (s_areas.TryGetValue(name, out var area))
            {
                if (tally.Wants(name))
                {
                    area(folder, path, tally);
                }
            }
            else
            {
                tally.Skip(name, $"{name} comes with the issue that builds it", Directory.EnumerateDirectories(path).Count());
            }
        }

        tally.WriteSummary();
        return tally.Failed == 0 ? 0 : 1;
    }
}
