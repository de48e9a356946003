using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// Forward and backward over packed rows, with attention of our own (<see cref="RowAttention"/>). Torch's autograd sees each layer in two
/// pieces, cut where attention stands between them; the pieces are gone through backwards one by one. Nothing is computed for padding,
/// as there is none.
/// </summary>
internal sealed class LayeredPass(LayeredEncoder model, MaskDropout dropout)
{
    /// <summary>
    /// Adds the gradient of one batch to the weights that learn and to what <paramref name="words"/> came from.
    /// </summary>
    /// <param name="words">(N, C) word vectors.</param>
    /// <param name="batch">The batch they are of.</param>
    /// <param name="loss">Class scores (B, classes) to the loss, a number.</param>
    public float Accumulate(Tensor words, PackedBatch batch, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var attention = new RowAttention(batch.Offsets, model.Config.Heads, model.Config.HeadSize);
        var embedded = model.Embed(words, batch, dropout);
        var x = Cut(embedded);
        var pieces = new Stack<Piece>();
        foreach (var layer in model.Layers)
        {
            var piece = Forward(layer, x, attention);
            if (piece.Output.requires_grad)
            {
                pieces.Push(piece);
            }

            x = Cut(piece.Output);
        }

        var value = loss(model.Classify(model.Features(x, batch), dropout));
        value.backward();
        while (pieces.TryPop(out var piece))
        {
            Backward(piece, x, attention);
            x = piece.Input;
        }

        if (embedded.requires_grad)
        {
            autograd.backward(embedded, x.grad!);
        }

        return value.item<float>();
    }

    /// <summary>The same numbers as the beginning of a piece of its own.</summary>
    private static Tensor Cut(Tensor tensor) => tensor.detach().requires_grad_(tensor.requires_grad);

    private Piece Forward(BertLayer layer, Tensor x, RowAttention attention)
    {
        var qkv = layer.Project(x);
        var probability = model.Config.AttentionDropout;
        var kept = probability > 0 ? dropout.Mask([attention.ProbabilityCount], ScalarType.Float32, probability) : null;
        var (attended, probabilities) = attention.Forward(qkv, kept);
        attended.requires_grad_(qkv.requires_grad);
        return new Piece(x, qkv, probabilities, kept, attended, layer.Finish(x, attended, dropout));
    }

    /// <summary>From the gradient of a piece's output, which lies on <paramref name="next"/>, to that of its input.</summary>
    private static void Backward(Piece piece, Tensor next, RowAttention attention)
    {
        autograd.backward(piece.Output, next.grad!);
        if (!piece.Attended.requires_grad)
        {
            return;   // an adapter behind the attention of the lowest layer that learns: nothing before it does
        }

        var gradient = attention.Backward(piece.Projected, piece.Probabilities, piece.Kept, piece.Attended.grad!.contiguous());
        autograd.backward(piece.Projected, gradient);
    }

    private sealed record Piece(Tensor Input, Tensor Projected, Tensor Probabilities, Tensor? Kept, Tensor Attended, Tensor Output);
}
