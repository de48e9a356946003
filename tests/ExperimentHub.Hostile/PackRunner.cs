using System.Globalization;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile;

/// <summary>Runs the cases of a folder, each in a process of its own kind, and counts.</summary>
internal static class PackRunner
{
    public static async Task<int> RunAsync(string folder, string? only)
    {
        if (!File.Exists(Path.Combine(folder, "index.jsonl")))
        {
            Console.Error.WriteLine("There is no index.jsonl in this folder.");
            return 2;
        }

        var pack = new HostilePack(folder);
        var cases = pack.Cases.Where(c => only is null || c.Kind == only || c.Group == only || c.Id == only).ToList();
        var session = Directory.CreateTempSubdirectory("experimenthub-hostile-");
        var (passed, failed) = (0, 0);
        var skipped = new Dictionary<string, int>();
        try
        {
            await using var process = new CaseProcess(pack, session.FullName);
            foreach (var hostile in cases)
            {
                if (NotThereYet.Reason(pack, hostile) is { } reason)
                {
                    skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
                    continue;
                }

                var faults = await FaultsAsync(pack, hostile, process, session.FullName);
                foreach (var fault in faults)
                {
                    Console.WriteLine($"{hostile.Id}: {Line(fault)}");
                }

                (passed, failed) = faults.Count == 0 ? (passed + 1, failed) : (passed, failed + 1);
            }
        }
        finally
        {
            session.Delete(recursive: true);
        }

        foreach (var (reason, count) in skipped)
        {
            Console.WriteLine($"{count.ToString(CultureInfo.InvariantCulture)} skipped: {reason}.");
        }

        Console.WriteLine($"{passed} passed, {failed} failed, {skipped.Values.Sum()} skipped");
        return failed == 0 ? 0 : 1;
    }

    private static async Task<List<string>> FaultsAsync(HostilePack pack, HostileCase hostile, CaseProcess process, string session)
    {
        var place = new Workplace(Path.Combine(session, "case"));
        var faults = new List<string>();
        try
        {
            await process.WarmUpAsync(hostile.Group);
            place.Create();
            Lay(pack, hostile, place);
            var answer = await process.RunAsync(hostile, place.Root);
            faults.AddRange(Judge.Faults(hostile, answer, place.Root));
            if (hostile.Marker is { } marker && place.Find(marker, process.Temporary) is { } found)
            {
                // An entry of an archive may lie in the data directory; the upload keeps the name of nothing.
                if (hostile.Kind != "archive" || !found.StartsWith(place.Store, StringComparison.Ordinal))
                {
                    faults.Add($"{marker} was made: {Path.GetRelativePath(place.Root, found)}");
                }

                if (!found.StartsWith(place.Root, StringComparison.Ordinal))
                {
                    File.Delete(found);
                }
            }

            if (answer.Outcome == CaseAnswer.Refuse && place.Leftover(process.Temporary) is { } left)
            {
                faults.Add($"something was left behind: {Path.GetRelativePath(place.Root, left)}");
            }
        }
        finally
        {
            Clear(place.Root);
            process.ClearTemporary();
        }

        return faults;
    }

    /// <summary>Puts the file or folder of a case to where the product meets it.</summary>
    internal static void Lay(HostilePack pack, HostileCase hostile, Workplace place)
    {
        switch (hostile.Kind)
        {
            case "model" or "tokenizer" or "chat_template":
                pack.LayFolder(hostile, place.Input);
                break;
            case "adapter":
                pack.LayFolder(hostile, place.Input);
                pack.CopyFolder(hostile.On!, place.Base);
                break;
            case "protocol" when Directory.Exists(Path.Combine(pack.Folder, hostile.Path!)):
                pack.LayFolder(hostile, place.Input);
                break;
            case var _ when hostile.Path is not null:
                pack.LayFile(hostile, place.Input);
                break;
        }
    }

    internal static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Line(string fault) =>
        string.Concat(fault.Select(c => char.IsControl(c) ? ' ' : c));
}
