using ExperimentHub.Engine.Adapters;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>Folders of adapters: opened, and held against the base that the case names.</summary>
internal static class AdapterCases
{
    public static CaseAnswer Run(Workplace place)
    {
        using var adapter = Adapter.Open(place.Input);
        var warnings = adapter.Check(AdapterBase.Read(place.Base, adapter.Config.Task));
        return CaseAnswer.Accepted([.. warnings.Select(w => w.Message)]);
    }
}
