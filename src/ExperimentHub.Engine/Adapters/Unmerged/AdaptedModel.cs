using ExperimentHub.Engine.Adapters.Prompts;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>
/// A model with an adapter active beside its weights, as it is trained: the base's numbers stay as they are and get no gradient, and what
/// the adapter has are weights of their own, under the names of its file. When this is disposed the base alone is there again.
/// </summary>
internal sealed class AdaptedModel : IDisposable
{
    private readonly PretrainedModel _model;
    private readonly Adapter _adapter;
    private readonly AdapterDropout _dropout;
    private readonly ModuleAdapters _modules;
    private readonly SavedModules _saved;
    private readonly PromptEncoder? _prompt;

    /// <summary>Takes over the adapter and <paramref name="encoder"/>, not the model. Device and precision of the model are set before.</summary>
    /// <param name="model">The base, without another adapter.</param>
    /// <param name="adapter">What it begins with.</param>
    /// <param name="encoder">Where a prompt's vectors come from; null: they are learned themselves.</param>
    /// <exception cref="InputException">The adapter does not fit the model, or would do nothing or something else beside it.</exception>
    public AdaptedModel(PretrainedModel model, Adapter adapter, PromptEncoder? encoder = null)
    {
        (_model, _adapter) = (model, adapter);
        Warnings = adapter.Check(AdapterBase.Of(model));
        AdapterPlace.Check(adapter.Config, adapter.Weights, model);
        foreach (var weight in model.AllWeights.Where(w => !w.IsTied))
        {
            weight.Learns = false;
        }

        _dropout = new AdapterDropout(adapter.Config.Dropout);
        _saved = new SavedModules(model, adapter);
        _modules = new ModuleAdapters(model, adapter, _dropout);
        _prompt = adapter.Config.Method.HasPrompt() ? encoder ?? PromptEncoder.Saved(adapter) : null;
        foreach (var weight in _prompt?.Weights ?? [])
        {
            weight.MoveTo(model.Device);
        }

        Weights = [.. _modules.Weights, .. _saved.Weights, .. _prompt?.Weights ?? []];
        foreach (var weight in Weights)
        {
            weight.Learns = true;
        }
    }

    /// <summary>All that learns.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>What a person should know though the adapter fits.</summary>
    public IReadOnlyList<Warning> Warnings { get; }

    /// <summary>What an encoder says of a batch. With a prompt it says it of the prompt's vectors too, which come first.</summary>
    public EncoderOutput Run(PaddedBatch batch, Dropout? dropout = null) => InPass(dropout, () => (_model, Vectors()) switch
    {
        (EncoderModel model, null) => model.Run(batch, dropout),
        (LayeredEncoder model, { } vectors) when IsPrefix => PromptPass.RunBehind(model, vectors, batch, dropout),
        (EncoderModel model, { } vectors) => PromptPass.Run(model, vectors, batch, dropout),
        _ => throw OtherKind(),
    });

    /// <summary>What a decoder says of a batch. With a prompt it says it of the prompt's vectors too, which come first.</summary>
    public DecoderOutput Run(DecoderBatch batch, Dropout? dropout = null) => InPass(dropout, () => (_model as DecoderModel ?? throw OtherKind(), Vectors()) switch
    {
        (var model, null) => model.Run(batch, dropout),
        (var model, { } vectors) => IsPrefix ? PromptPass.RunBehind(model, vectors, batch, dropout) : PromptPass.Run(model, vectors, batch, dropout),
    });

    /// <summary>Scores (B, T, V) of a target's words, each from the words before it (see <see cref="EncoderDecoderModel.Forward"/>).</summary>
    public Tensor Run(Tensor ids, Tensor? mask, Tensor decoderIds, Dropout? dropout = null) => InPass(dropout, () => (_model as EncoderDecoderModel ?? throw OtherKind(), Vectors()) switch
    {
        (var model, null) => model.Forward(ids, mask, decoderIds, dropout),
        (var model, { } vectors) => IsPrefix
            ? PromptPass.RunBehind(model, vectors, ids, mask, decoderIds, dropout)
            : PromptPass.Run(model, vectors, ids, mask, decoderIds, dropout),
    });

    /// <summary>Labels (B, T) of the tokens of an encoder or a decoder, as long as the scores of <see cref="Run(DecoderBatch, Dropout)"/>: nothing is told of a prompt's vectors.</summary>
    public Tensor Labels(Tensor labels) => _prompt is null || IsPrefix ? labels.alias() : PromptPass.Labels(_adapter.Config.VirtualTokens, labels);

    /// <summary>Writes the adapter as it is now into a folder that exists, in PEFT's form: a prompt as its vectors, without the network that makes them.</summary>
    public void Save(string folder)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var learned = Weights.ToDictionary(w => w.Parts[0].Name, w => w.Value, StringComparer.Ordinal);
        if (_prompt is not null)
        {
            learned[AdapterWeights.Prompt] = _prompt.Compute();
        }

        _adapter.Config.Write(folder);
        SafetensorsWriter.Write(Path.Combine(folder, AdapterWeights.FileName), _adapter.Weights.Entries.Select(e => learned.TryGetValue(e.Name, out var value)
            ? value.to(ScalarType.Float32).ToPart(e.Name)
            : _adapter.Weights.Part(e)));
    }

    public void Dispose()
    {
        _modules.Dispose();
        _saved.Dispose();
        _prompt?.Dispose();
        _adapter.Dispose();
    }

    private bool IsPrefix => _adapter.Config.Method == AdapterMethod.PrefixTuning;

    private T InPass<T>(Dropout? dropout, Func<T> run)
        where T : class
    {
        using var scope = NewDisposeScope();
        _dropout.Current = dropout;
        try
        {
            return run() switch
            {
                Tensor tensor => (tensor.MoveToOuterDisposeScope() as T)!,
                EncoderOutput output => (output.MoveToOuterDisposeScope() as T)!,
                DecoderOutput output => (output.MoveToOuterDisposeScope() as T)!,
                var other => other,
            };
        }
        finally
        {
            _dropout.Current = null;
        }
    }

    /// <summary>The vectors that a pass reads: of an encoder and a decoder's two halves the first, as PEFT has it.</summary>
    private Tensor? Vectors() => _prompt?.Compute(_dropout.Current).narrow(0, 0, _adapter.Config.VirtualTokens);

    private InvalidOperationException OtherKind() => new($"A {_model.Config.Family} takes batches of another kind.");
}
