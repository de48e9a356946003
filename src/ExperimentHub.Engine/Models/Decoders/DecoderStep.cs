using ExperimentHub.Engine.Models.Steps;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>
/// One token a row through a decoder over plain memory, with all numbers in 32 bits but those that are kept in 16 (weights, keys, values).
/// torch takes some thirty calls a layer for the same, each of which costs as much as the arithmetic of a small model's layer.
/// </summary>
/// <remarks>R rows, V vocabulary.</remarks>
internal sealed unsafe class DecoderStep(DecoderModel model, IReadOnlyList<StepLayer> layers, StepNorm lastNorm, StepMatrix head) : IDisposable
{
    /// <summary>With more rows a product is arithmetic rather than memory, and torch does it better.</summary>
    public const int MostRows = 8;

    private readonly int _width = model.Config.HiddenSize;
    private readonly int _widest = layers.Max(l => l.Widest);
    private StepState? _state;
    private float[] _logits = [];

    /// <summary>Reads a token of each row, whose keys and values join the cache.</summary>
    /// <param name="tokens">R ids.</param>
    /// <param name="padding">How many of the tokens before are padding on the left of each row.</param>
    /// <param name="cache">All that was read before.</param>
    /// <returns>(R, V): scores of what follows, in memory of this object's that the next call writes over.</returns>
    public Span<float> Run(scoped ReadOnlySpan<int> tokens, int[] padding, KeyValueCache cache)
    {
        if (_state?.Rows != tokens.Length || _state.Cache != cache)
        {
            _state?.Dispose();
            _state = new StepState(tokens.Length, _width, _widest, cache);
            _logits = new float[tokens.Length * head.Outputs];
        }

        _state.Padding = padding;
        Span<int> positions = stackalloc int[tokens.Length];
        for (var row = 0; row < positions.Length; row++)
        {
            positions[row] = _state.Past - padding[row];
        }

        (_state.Angles, _state.WindowAngles) = model.Turn(positions, _state.Past + 1);
        using (var words = model.EmbedStep(tokens, positions))
        {
            new Span<float>((void*)words.Address(), tokens.Length * _width).CopyTo(new Span<float>(_state.Hidden, tokens.Length * _width));
        }

        foreach (var layer in layers)
        {
            layer.Run(_state, _width);
        }

        cache.Advance(1);
        lastNorm.Normalise(_state.Hidden, _state.Room(0), tokens.Length, _width);
        fixed (float* logits = _logits)
        {
            head.Multiply(_state.Room(0), logits, tokens.Length);
        }

        return _logits;
    }

    public void Dispose() => _state?.Dispose();
}
