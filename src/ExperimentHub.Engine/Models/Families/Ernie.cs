using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>
/// ERNIE 1.0 to 3.0 (Sun et al. 2019, 2020, 2021) as Hugging Face computes it: BERT with, in most checkpoints, a fourth embedding for the task. It is
/// added at every position, that of the first task where none is named.
/// </summary>
internal sealed class Ernie : LayeredEncoder
{
    private readonly BertEmbeddings _embeddings;
    private readonly Embedding? _tasks;

    public Ernie(ErnieConfig config, ModelHead head)
        : base(config, head)
    {
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _embeddings = new(body.At("embeddings"), config);
        _tasks = config.UsesTasks ? new(body.At("embeddings.task_type_embeddings"), config.TaskTypes, config.HiddenSize, "task_type_vocab_size") : null;
        Layers = BertLayer.Stack(body.At("encoder.layer"), config);
        Top = BertHeads.Build(Root, body, config, head, _embeddings.Words.Weight);
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["ernie", "bert"];

    public override IReadOnlyList<BertLayer> Layers { get; }

    public override Weight WordEmbeddings => _embeddings.Words.Weight;

    protected override EncoderHead Top { get; }

    public override bool Ignores(string name) => base.Ignores(name) || BertHeads.Doubles(name);

    public override Tensor Words(Tensor ids) => _embeddings.Lookup(ids, Precision);

    public override Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout) =>
        _embeddings.Forward(words, Places(_embeddings.Positions, batch), batch.Types, dropout, batch.TaskTypes is null ? _tasks?.Rows(0, 1) : _tasks?.Forward(batch.TaskTypes));

    public override Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout) =>
        _embeddings.Forward(words, _embeddings.Positions.Forward(batch.Positions), batch.Types, dropout, _tasks?.Rows(0, 1));
}
