using ExperimentHub.Engine.Adapters.Unmerged;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.SequenceToSequence;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Peft;

/// <summary>One of a base's batches: what a model, alone or with an adapter beside it, makes of it.</summary>
internal sealed class PeftBatch(SafetensorsFile inputs, int number)
{
    private readonly Tensor _ids = inputs.Read($"{number}.input_ids");
    private readonly Tensor _labels = inputs.Read($"{number}.labels");

    public Tensor Mask { get; } = inputs.Read($"{number}.attention_mask");

    public Tensor Logits(PretrainedModel model) => model switch
    {
        EncoderModel encoder => encoder.Run(Padded()).Logits!,
        DecoderModel decoder => decoder.Run(Causal()).Logits!,
        EncoderDecoderModel both => both.Forward(_ids, Mask, both.ShiftRight(_labels)),
        _ => throw new NotSupportedException(),
    };

    public Tensor Logits(PretrainedModel model, AdaptedModel adapted) => model switch
    {
        EncoderModel => adapted.Run(Padded()).Logits!,
        DecoderModel => adapted.Run(Causal()).Logits!,
        EncoderDecoderModel both => adapted.Run(_ids, Mask, both.ShiftRight(_labels)),
        _ => throw new NotSupportedException(),
    };

    /// <summary>The loss of logits, which may begin with those of a prompt's vectors.</summary>
    public Tensor Loss(PretrainedModel model, Tensor logits, AdaptedModel? adapted = null) => model switch
    {
        EncoderModel encoder => HeadLoss.Of(encoder, new EncoderOutput { Hidden = logits, Logits = logits }, new HeadTargets { Labels = Labels(logits, adapted) }),
        DecoderModel decoder => decoder.Loss(new DecoderOutput(logits, logits), Labels(logits, adapted)),
        _ => EncoderDecoderModel.Loss(logits, _labels),
    };

    /// <summary>Where logits are compared: what stands at padding after a causal pass is nobody's.</summary>
    public Tensor? Real(PretrainedModel model, Tensor logits) => model is not DecoderModel || logits.dim() < 3 ? null
        : logits.shape[1] == Mask.shape[1] ? Mask
        : cat([ones([Mask.shape[0], logits.shape[1] - Mask.shape[1]], ScalarType.Int64), Mask], 1);

    private Tensor Labels(Tensor logits, AdaptedModel? adapted) => adapted is null || _labels.dim() < 2 ? _labels : adapted.Labels(_labels);

    private PaddedBatch Padded() => new() { Ids = _ids, Mask = Mask, Types = inputs.Entries.ContainsKey($"{number}.token_type_ids") ? inputs.Read($"{number}.token_type_ids") : null };

    private DecoderBatch Causal() => new() { Ids = _ids, Mask = Mask };
}
