using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>What holds for a decoder of any family, whatever its numbers are.</summary>
public sealed class DecoderTests
{
    private const double Tolerance = 2e-4;

    public static TheoryData<string> Families => TinyDecoder.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_DoNotSeeTheFuture(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyDecoder.Create(family);
        var tokens = TinyDecoder.Tokens(14, 1);
        int[] changed = [.. tokens[..9], .. TinyDecoder.Tokens(5, 2)];

        var before = model.Run(new DecoderBatch { Ids = TinyDecoder.Ids(tokens) }).Logits!;
        var after = model.Run(new DecoderBatch { Ids = TinyDecoder.Ids(changed) }).Logits!;

        Near(before.narrow(1, 0, 9), after.narrow(1, 0, 9));
        Assert.True((before - after).abs().max().item<float>() > 0.1);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Cache_GivesWhatOnePassGives(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyDecoder.Create(family);
        using var cache = new KeyValueCache(model.Config.Layers);
        var tokens = TinyDecoder.Ids(TinyDecoder.Tokens(20, 1), TinyDecoder.Tokens(20, 2));

        var whole = model.Run(new DecoderBatch { Ids = tokens }).Logits!;
        var parts = new[] { (0, 11), (11, 1), (12, 3), (15, 1), (16, 4) }.Select(p => model.ContinueEach(new DecoderBatch { Ids = tokens.narrow(1, p.Item1, p.Item2) }, cache)).ToList();

        Near(whole, cat(parts, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LongRope_MakesItsCacheAnew_WhereATextOutgrowsTheOriginalLength(bool plain)
    {
        const string Settings = """
            {"original_max_position_embeddings": 9, "partial_rotary_factor": 0.5, "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.2], "long_factor": [2.0, 5.0]}}
            """;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyDecoder.Create("phi3", settings: Settings);
        using var decoding = new DecoderDecoding(model, plain);
        List<int> text = [.. TinyDecoder.Tokens(5, 1)];
        Agrees(decoding.Begin([[.. text]]));
        foreach (var token in TinyDecoder.Tokens(7, 2))
        {
            text.Add(token);
            Agrees(decoding.Next([token]));
        }

        decoding.Rewind(5);
        text.RemoveRange(7, 5);
        text.Add(4);
        Agrees(decoding.Next([4]));

        void Agrees(Span<float> scores) => Near(model.Run(new DecoderBatch { Ids = TinyDecoder.Ids([.. text]) }).Logits!.select(1, text.Count - 1), tensor(scores.ToArray()).unsqueeze(0));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Padding_MovesNothing(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyDecoder.Create(family);
        var (one, two) = (TinyDecoder.Tokens(12, 1), TinyDecoder.Tokens(7, 2));
        var left = TinyDecoder.Ids(one, two);
        var right = cat([TinyDecoder.Ids(two), zeros([1, 5], ScalarType.Int64)], 1);

        var mask = left.ne(0).to(ScalarType.Int64);
        var padded = model.Run(new DecoderBatch { Ids = left, Mask = mask, Positions = DecoderBatch.PositionsOf(mask) }).Logits!;
        var filled = model.Run(new DecoderBatch { Ids = right, Mask = right.ne(0).to(ScalarType.Int64) }).Logits!;
        var alone = model.Run(new DecoderBatch { Ids = TinyDecoder.Ids(two) }).Logits!;

        Near(model.Run(new DecoderBatch { Ids = TinyDecoder.Ids(one) }).Logits![0], padded[0]);
        Near(alone[0], padded[1].narrow(0, 5, 7));
        Near(alone[0], filled[0].narrow(0, 0, 7));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void PackedTexts_AreAsTheyAreAlone_InLossAndGradient(string family)
    {
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create(family);
        int[][] texts = [TinyDecoder.Tokens(6, 1), TinyDecoder.Tokens(9, 2), TinyDecoder.Tokens(4, 3)];
        var labels = tensor(texts.SelectMany(t => t.Select((token, i) => i == 0 ? -100L : token)).ToArray()).unsqueeze(0);
        var packed = new DecoderBatch
        {
            Ids = TinyDecoder.Ids([.. texts.SelectMany(t => t)]),
            Positions = tensor(texts.SelectMany(t => t.Select((_, i) => (long)i)).ToArray()).unsqueeze(0),
            Documents = tensor(texts.SelectMany((t, number) => t.Select(_ => (long)number)).ToArray()).unsqueeze(0),
        };
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        var output = model.Run(packed);
        model.Loss(output, labels).backward();
        var gradient = model.WordEmbeddings.Value.grad!.clone();
        model.WordEmbeddings.Value.grad!.zero_();
        var (first, predicted) = (0L, texts.Sum(t => t.Length - 1));
        foreach (var text in texts)
        {
            var ids = TinyDecoder.Ids(text);
            var alone = model.Run(new DecoderBatch { Ids = ids });
            Near(alone.Logits![0], output.Logits![0].narrow(0, first, text.Length));
            (model.Loss(alone, ids) * ((double)(text.Length - 1) / predicted)).backward();
            first += text.Length;
        }

        Near(gradient, model.WordEmbeddings.Value.grad!);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Step_GivesWhatTorchGives_WithAndWithoutPadding(string family)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyDecoder.Create(family);
        foreach (var prompts in new[] { new[] { TinyDecoder.Tokens(9, 1) }, [TinyDecoder.Tokens(3, 2), TinyDecoder.Tokens(8, 3), TinyDecoder.Tokens(1, 4)] })
        {
            using var fast = new DecoderDecoding(model);
            using var plain = new DecoderDecoding(model, plain: true);
            AssertNear(plain.Begin(prompts), fast.Begin(prompts), Tolerance);
            for (var step = 0; step < 70; step++)   // past the cache's first room
            {
                var tokens = TinyDecoder.Tokens(prompts.Length, step);
                AssertNear(plain.Next(tokens), fast.Next(tokens), Tolerance);
            }
        }
    }

    [Fact]
    public void Step_WithWeightsIn16Bits_IsAsNearToTheExactResultAsTorch()
    {
        foreach (var family in new[] { "llama", "gpt2" })
        {
            using var exact = TinyDecoder.Create(family);
            using var half = TinyDecoder.Create(family);
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            foreach (var weight in exact.Weights)
            {
                weight.Value.copy_(weight.Value.to(ScalarType.BFloat16).to(ScalarType.Float32));
            }

            half.ConvertToBFloat16(keepWordEmbeddings: false);
            using var fast = new DecoderDecoding(half);
            using var plain = new DecoderDecoding(half, plain: true);
            using var reference = new DecoderDecoding(exact, plain: true);
            int[][] prompts = [TinyDecoder.Tokens(6, 1)];
            fast.Begin(prompts);
            plain.Begin(prompts);
            reference.Begin(prompts);
            var (faults, plainFaults) = (0.0, 0.0);
            for (var step = 0; step < 10; step++)
            {
                var tokens = TinyDecoder.Tokens(1, step);
                var expected = reference.Next(tokens).ToArray();
                faults += Distance(expected, fast.Next(tokens));
                plainFaults += Distance(expected, plain.Next(tokens));
            }

            Assert.InRange(faults, 1e-6, 1.2 * plainFaults);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Generation_InABatch_IsThatOfEachPromptAlone(string family)
    {
        using var model = TinyDecoder.Create(family);
        int[][] prompts = [TinyDecoder.Tokens(5, 1), TinyDecoder.Tokens(2, 2), TinyDecoder.Tokens(9, 3)];
        foreach (var settings in new[]
        {
            new GenerationSettings { MaxNewTokens = 12, EosTokenId = [4, 5] },
            new GenerationSettings { MaxNewTokens = 12, EosTokenId = [4, 5], NumBeams = 3, NumReturnSequences = 3 },
            new GenerationSettings { MaxNewTokens = 12, EosTokenId = [4, 5], DoSample = true, TopP = 0.8, Seed = 3 },
        })
        {
            using var decoding = new DecoderDecoding(model);
            var together = Engine.Generation.Generator.Generate(decoding, prompts, settings);
            for (var i = 0; i < prompts.Length; i++)
            {
                using var single = new DecoderDecoding(model);
                var alone = Engine.Generation.Generator.Generate(single, [prompts[i]], settings)[0];
                Assert.Equal(alone.Select(s => s.Tokens), together[i].Select(s => s.Tokens));
            }
        }
    }

    [Fact]
    public void NeighbouringRotation_IsHalfRotation_OfReorderedNumbers()
    {
        const int Size = 12;
        using var scope = NewDisposeScope();
        using var generator = random.manual_seed(8);
        var heads = randn([1, 2, 10, Size], generator: generator);

        // The even numbers first, then the odd ones: what is turned with its neighbour stands half a head away then.
        var order = tensor(Enumerable.Range(0, Size).OrderBy(i => i % 2).Select(i => (long)i).ToArray());
        var neighbours = new RotaryEmbedding(new(), Size, interleaved: true).At(arange(10), 10, ScalarType.Float32).Turn(heads);
        var halves = new RotaryEmbedding(new(), Size).At(arange(10), 10, ScalarType.Float32).Turn(heads.index_select(-1, order));

        Near(halves, neighbours.index_select(-1, order));
    }

    private static void Near(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, Tolerance * Math.Max(1, expected.abs().max().item<float>()));
    }

    private static void AssertNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    private static double Distance(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        var sum = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            sum += Math.Abs(expected[i] - actual[i]);
        }

        return sum;
    }
}
