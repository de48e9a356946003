using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>How a router chooses.</summary>
/// <param name="Experts">How many there are (E).</param>
/// <param name="Chosen">How many a token is sent to (k).</param>
/// <param name="Normalises">The weights of the chosen are divided by their sum.</param>
/// <param name="SmallestSum">By no less than this.</param>
internal sealed record RouterSettings(int Experts, int Chosen, bool Normalises, double SmallestSum = 0)
{
    /// <summary>All layers together; the largest models have a quarter of it. Each is a few objects even before it has memory.</summary>
    private const long MostExperts = 1 << 16;

    /// <exception cref="InputException">There are too many.</exception>
    public static int ReadExperts(ConfigFields fields, string name, int layers, int whenMissing)
    {
        var experts = fields.Integer(name, 1, 4096, whenMissing);
        return (long)experts * layers <= MostExperts ? experts
            : throw fields.Fault(name, $"is {experts}, with {layers} layers {(long)experts * layers} experts; at most {MostExperts} in all layers are supported");
    }
}

/// <summary>
/// A feed-forward of which each token uses the few experts that a router chooses (Shazeer et al. 2017): the sum of their answers by the
/// router's probabilities, and of the experts that all tokens share.
/// </summary>
internal sealed class MixtureOfExperts : FeedForward
{
    private readonly RouterSettings _settings;
    private readonly Weight _router;
    private readonly Weight? _correction;
    private readonly FeedForward[] _experts;
    private readonly FeedForward? _shared;

    /// <param name="place">Where the layer stands.</param>
    /// <param name="width">C</param>
    /// <param name="settings">How many experts, and how they are chosen.</param>
    /// <param name="hasCorrection">A number for each expert is added to its probability where it is chosen, but not where it is weighed.</param>
    /// <param name="build">Makes an expert at a place.</param>
    /// <param name="shared">Makes the experts that all tokens share, as one; null: there are none.</param>
    public MixtureOfExperts(Place place, int width, RouterSettings settings, bool hasCorrection, Func<Place, FeedForward> build, Func<Place, FeedForward>? shared = null)
    {
        _settings = settings;
        _router = place.At("gate").Add("weight", [settings.Experts, width], "num_experts");
        _correction = hasCorrection
            ? place.Add(new Weight(place.Depth, Initialisation.Zero, [settings.Experts], "moe_num_experts", new WeightPart(place.NameOf("moe_statics.e_score_correction_bias"), 1))
            {
                Required = place.Required,
                IsBuffer = true,
            })
            : null;
        _experts = [.. Enumerable.Range(0, settings.Experts).Select(i => build(place.At($"experts.{i}")))];
        _shared = shared?.Invoke(place.At("shared_experts"));
    }

    public override Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var tokens = x.reshape(-1, x.shape[^1]);                                                      // (N, C)
        var routing = Route(tokens);
        pass.Routings?.Add(new(routing.Logits.alias().DetachFromDisposeScope(), routing.Weights.alias().DetachFromDisposeScope(), routing.Experts.alias().DetachFromDisposeScope()));
        var sum = zeros_like(tokens);
        for (var expert = 0; expert < _experts.Length; expert++)
        {
            using var inner = NewDisposeScope();
            var sent = routing.Experts.eq(expert).nonzero();                                          // (n, 2): token, which of its k
            if (sent.shape[0] == 0)
            {
                continue;
            }

            var (rows, places) = (sent.select(1, 0), sent.select(1, 1));
            var weights = routing.Weights.flatten().index_select(0, (rows * _settings.Chosen) + places).unsqueeze(1);
            var answers = _experts[expert].Forward(tokens.index_select(0, rows), pass) * weights;
            sum = sum.index_add(0, rows, answers, 1).MoveToOuterDisposeScope();
        }

        sum = _shared is null ? sum : sum + _shared.Forward(tokens, pass);
        return sum.view(x.shape).MoveToOuterDisposeScope();
    }

    public override StepTransform? ToStep()
    {
        var experts = _experts.Select(e => e.ToStep()).ToList();
        var shared = _shared?.ToStep();
        if (!StepMatrix.Fits(_router.Value) || experts.Any(e => e is null) || (_shared is not null && shared is null))
        {
            return null;
        }

        using var correction = _correction?.Value.detach().to(ScalarType.Float32).flatten();
        return new StepMixture(new StepMatrix(_router.Value, null), correction?.data<float>().ToArray(), _settings, experts!, shared);
    }

    /// <summary>(N, C) to what each token is sent to; in 32 bits, since a rounded score may choose another expert.</summary>
    private Routing Route(Tensor tokens)
    {
        var logits = nn.functional.linear(tokens.to(ScalarType.Float32), _router.Value.to(ScalarType.Float32));
        var probabilities = nn.functional.softmax(logits, -1);
        var ranked = _correction is null ? probabilities : probabilities + _correction.Value.to(ScalarType.Float32);
        var experts = ranked.topk(_settings.Chosen, -1).indexes;
        var weights = probabilities.gather(-1, experts);
        weights = _settings.Normalises ? weights / weights.sum(-1, keepdim: true).clamp(min: _settings.SmallestSum) : weights;
        return new Routing(logits, weights.to(tokens.dtype), experts);
    }
}
