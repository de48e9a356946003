namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Which model of the store an adapter is for. What its file says (<c>base_model_name_or_path</c>) is only compared with names; whether it
/// fits is decided by names and shapes of the tensors.
/// </summary>
internal static class AdapterBases
{
    /// <returns>Content hash of the base, and what is worth knowing though it fits.</returns>
    /// <exception cref="InputException">The base that was named does not fit, none does, or several do.</exception>
    public static (string Hash, IReadOnlyList<Warning> Warnings) Find(Adapter adapter, AdapterImport chosen, string store, CancellationToken cancellation)
    {
        if (chosen.Base is { } named)
        {
            return (named, Check(named));
        }

        var said = adapter.Config.BaseModel?.TrimEnd('/', '\\');
        var last = said?[(said.LastIndexOfAny(['/', '\\']) + 1)..];
        var fits = new List<(AdapterBaseChoice Choice, IReadOnlyList<Warning> Warnings)>();
        foreach (var choice in chosen.Choices)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryCheck(choice.Hash) is { } warnings)
            {
                fits.Add((choice, warnings));
            }
        }

        var best = fits.Where(f => IsCalled(f.Choice.Name)).ToList() is { Count: > 0 } called ? called : fits;
        return best.DistinctBy(f => f.Choice.Hash).Count() switch
        {
            1 => (best[0].Choice.Hash, best[0].Warnings),
            0 => throw new InputException($"The adapter fits no model here; import its base first ({InputException.Quote(said ?? "its file does not say which", 200)}).", "adapter.no_base", InputException.Quote(said ?? "?", 200)),
            _ => throw new InputException(
                $"The adapter fits {best.Count} models, such as {InputException.Quote(best[0].Choice.Name)} and {InputException.Quote(best[1].Choice.Name)}; choose its base.", "adapter.several_bases", best.Count, InputException.Quote(best[0].Choice.Name), InputException.Quote(best[1].Choice.Name)),
        };

        bool IsCalled(string name) => name.Equals(said, StringComparison.OrdinalIgnoreCase) || name.Equals(last, StringComparison.OrdinalIgnoreCase) || name.EndsWith("/" + last, StringComparison.OrdinalIgnoreCase);

        IReadOnlyList<Warning>? TryCheck(string hash)
        {
            try
            {
                return Check(hash);
            }
            catch (InputException)
            {
                return null;   // another family or size: not its base
            }
        }

        IReadOnlyList<Warning> Check(string hash) => ContentHash.IsValid(hash) && Directory.Exists(Path.Combine(store, "models", hash))
            ? adapter.Check(AdapterBase.Read(Path.Combine(store, "models", hash), adapter.Config.Task))
            : throw new InputException("The adapter or its base is not in the store; import it again.", "adapter.base_missing");
    }
}
