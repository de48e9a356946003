using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Adapters;

/// <summary>Makes a model of a base and an adapter: the adapter's part is added to the weights, as PEFT's <c>merge_and_unload</c> does it.</summary>
public static class AdapterMerger
{
    private static readonly string[] s_heads = ["classifier.weight", "score.weight", "classifier.out_proj.weight"];

    /// <summary>Merges in 32 bits into <paramref name="store"/><c>/models/HASH</c>; tokenizer and licence are the base's.</summary>
    /// <exception cref="InputException">The adapter is a prompt or does not fit.</exception>
    public static ModelInfo Merge(AdapterMerge chosen, string store, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var origin = FolderOf(store, "models", chosen.Base);
        var adapter = Adapter.Open(FolderOf(store, "adapters", chosen.Adapter));
        using var owned = new Owned(adapter);
        if (adapter.Config.Method.HasPrompt())
        {
            throw new InputException("A prompt or prefix stands before the text and is no part of the weights; it cannot be merged.", "adapter.no_merge");
        }

        progress?.Invoke("loading");
        var config = ModelConfig.Read(origin);
        using var model = ModelLoader.Load(origin, AdapterBase.HeadOf(ModelFamily.Of(config), adapter.Config.Task), ClassesOf(adapter, config));
        using var stack = new AdapterStack(model);
        stack.Add("adapter", owned.GiveAway());
        cancellation.ThrowIfCancellationRequested();
        progress?.Invoke("merging");
        stack.Activate("adapter");
        stack.Merge();
        cancellation.ThrowIfCancellationRequested();
        progress?.Invoke("weights");
        return ModelStore.Add(store, InputException.Quote(chosen.Name), "merge", folder => ModelSaver.Save(model, folder, origin));
    }

    private static string FolderOf(string store, string kind, string hash) => ContentHash.IsValid(hash) && Path.Combine(store, kind, hash) is var folder && Directory.Exists(folder)
        ? folder
        : throw new InputException("The adapter or its base is not in the store; import it again.", "adapter.base_missing");

    /// <summary>A classifier that the adapter brings may have classes of its own, whose names PEFT does not keep; null: those of the base.</summary>
    private static IReadOnlyList<string>? ClassesOf(Adapter adapter, ModelConfig config)
    {
        var head = s_heads.FirstOrDefault(adapter.Weights.Saved.ContainsKey);
        var rows = head is null ? 0 : (int)adapter.Weights.Entry(adapter.Weights.Saved[head]).Shape[0];
        return rows == 0 || rows == config.Labels?.Count ? null : [.. Enumerable.Range(0, rows).Select(i => $"LABEL_{i}")];
    }

    /// <summary>Disposes an adapter unless somebody else has taken that on.</summary>
    private sealed class Owned(Adapter adapter) : IDisposable
    {
        private Adapter? _adapter = adapter;

        public Adapter GiveAway() => Interlocked.Exchange(ref _adapter, null)!;

        public void Dispose() => _adapter?.Dispose();
    }
}
