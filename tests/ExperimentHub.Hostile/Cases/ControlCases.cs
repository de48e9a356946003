using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>control.jsonl, as a worker reads it between two steps.</summary>
internal static class ControlCases
{
    public static CaseAnswer Run(HostileCase hostile, Workplace place)
    {
        var folder = new JobFolder(place.Attempt);
        File.WriteAllBytes(folder.ControlFile, NeutralNames.Replace(File.ReadAllBytes(place.Input)));
        var reader = new ControlReader(folder, NeutralNames.Token);
        var obeyed = new List<ControlCommand>();
        for (var read = reader.Read(); read.Count > 0; read = reader.Read())
        {
            obeyed.AddRange(read);
        }

        var again = reader.Read().Count;
        return (CaseAnswer.Accepted(reader.Ignored) with { Faults = again == 0 ? [] : ["a command was obeyed twice"] })
            .With("obeyed", obeyed.Select(c => c.Command))
            .With("learning_rate", obeyed.Any(c => c.Command == Commands.SetLearningRate) ? "changed" : "unchanged");
    }
}
