using ExperimentHub.Engine.Tokenizers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Sentences;

/// <summary>Texts to vectors whose cosine tells how near their meanings are, as sentence-transformers computes them. One call at a time.</summary>
public sealed class SentenceEncoder : IDisposable
{
    private readonly EncoderModel _model;
    private readonly SentenceModules _modules;

    private SentenceEncoder(EncoderModel model, Tokenizer tokenizer, SentenceModules modules)
    {
        (_model, Tokenizer, _modules) = (model, tokenizer, modules);
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>Longest text in tokens, special ones included; longer ones are cut.</summary>
    public int MaxLength => Math.Min(_modules.MaxLength ?? Tokenizer.ModelMaxLength ?? int.MaxValue, _model.Config.MaxLength);

    /// <summary>The encoder of a folder, on a device that <see cref="ComputeDevice.Resolve"/> gave.</summary>
    /// <exception cref="InputException">The folder cannot be used, or is no encoder.</exception>
    public static SentenceEncoder Load(string folder, string device = ComputeDevice.Cpu)
    {
        var modules = SentenceModules.Read(folder);
        var tokenizer = Tokenizer.Load(folder);
        var loaded = ModelLoader.Load(folder, ModelHead.None);
        if (loaded is not EncoderModel model)
        {
            loaded.Dispose();
            throw new InputException($"The model is a {loaded.Config.Family}, which makes no vectors of texts here; choose an encoder such as BERT or RoBERTa.", "model.no_vectors", loaded.Config.Family);
        }

        model.MoveTo(ComputeDevice.ToTorch(device));
        return new SentenceEncoder(model, tokenizer, modules);
    }

    /// <summary>A vector a text.</summary>
    public float[][] Encode(IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rows = texts.Select(t => Tokenizer.Encode(t, null, MaxLength)).ToList();
        var longest = rows.Max(r => r.Length);
        var padded = rows.Select(r => r.PadTo(longest, _model.Config.PadTokenId, left: false)).ToList();
        using var batch = new PaddedBatch { Ids = Matrix(r => r.Ids), Types = Matrix(r => r.TypeIds), Mask = Matrix(r => r.AttentionMask) };
        var vectors = Encode(batch).cpu();
        return [.. vectors.data<float>().ToArray().Chunk((int)vectors.shape[1])];

        Tensor Matrix(Func<TokenEncoding, int[]> values) => tensor(padded.SelectMany(values).Select(v => (long)v).ToArray()).view(texts.Count, longest);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>(B, C) in 32 bits, with gradients where the model learns.</summary>
    internal Tensor Encode(PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(_model.Device, _model.Config.PadTokenId);
        var hidden = _model.Run(batch).Hidden.to(ScalarType.Float32);
        var pooled = _modules.Pooling.Pool(hidden, batch.Mask ?? ones_like(batch.Ids));
        return (_modules.Normalises ? nn.functional.normalize(pooled, dim: 1) : pooled).MoveToOuterDisposeScope();
    }
}
