using System.Text.Json.Nodes;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Adapters.Unmerged;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Engine.Tests.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Adapters;

/// <summary>What holds for an adapter beside a model's weights, whatever its numbers are.</summary>
public sealed class AdaptedModelTests : IDisposable
{
    private const string Lora = """{"peft_type": "LORA", "r": 3, "lora_alpha": 5, "rank_pattern": {"1.*": 2}, """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("experimenthub-");

    /// <summary>Adapters that can be merged, of some or all modules of a fused product, of either side of it.</summary>
    public static TheoryData<string, string> Mergeable => new()
    {
        { "bert", Lora + """ "target_modules": ["query", "value"], "task_type": "SEQ_CLS"}""" },
        { "roberta", Lora + """ "target_modules": ["query", "key", "dense"], "use_rslora": true, "bias": "lora_only", "task_type": "SEQ_CLS"}""" },
        { "bert", Lora + """ "target_modules": ["word_embeddings", "position_embeddings", "key"], "use_dora": true, "bias": "all", "task_type": "SEQ_CLS"}""" },
        { "bert", """{"peft_type": "IA3", "target_modules": ["key", "query", "output.dense"], "feedforward_modules": ["query", "output.dense"], "task_type": "SEQ_CLS"}""" },
        { "gpt2", Lora + """ "target_modules": ["c_attn", "mlp.c_proj", "wpe"], "task_type": "CAUSAL_LM"}""" },
        { "gpt2", Lora + """ "target_modules": ["c_attn", "c_fc"], "use_dora": true, "task_type": "CAUSAL_LM"}""" },
        { "gpt2", """{"peft_type": "IA3", "target_modules": ["c_attn", "mlp.c_proj"], "feedforward_modules": ["mlp.c_proj"], "task_type": "CAUSAL_LM"}""" },
        { "qwen3", Lora + """ "target_modules": ["q_proj", "v_proj", "up_proj", "down_proj"], "use_dora": true, "modules_to_save": ["norm"], "task_type": "CAUSAL_LM"}""" },
        { "llama", """{"peft_type": "IA3", "target_modules": ["k_proj", "v_proj", "up_proj"], "feedforward_modules": ["up_proj"], "task_type": "CAUSAL_LM"}""" },
        { "t5", Lora + """ "target_modules": ["q", "v", "wi_1", "lm_head"], "task_type": "SEQ_2_SEQ_LM"}""" },
        { "bart", Lora + """ "target_modules": ["k_proj", "fc2"], "use_dora": true, "task_type": "SEQ_2_SEQ_LM"}""" },
    };

    public static TheoryData<string, string> Prompts => new()
    {
        { "bert", """{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3, "task_type": "SEQ_CLS"}""" },
        { "electra", """{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "task_type": "SEQ_CLS"}""" },
        { "qwen3", """{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "prefix_projection": true, "task_type": "CAUSAL_LM"}""" },
        { "gpt2", """{"peft_type": "P_TUNING", "num_virtual_tokens": 3, "task_type": "CAUSAL_LM"}""" },
        { "mt5", """{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "task_type": "SEQ_2_SEQ_LM"}""" },
        { "bart", """{"peft_type": "P_TUNING", "num_virtual_tokens": 3, "task_type": "SEQ_2_SEQ_LM"}""" },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Mergeable))]
    public void Training_LeavesTheBase_AndMergedIsUnmerged(string family, string settings)
    {
        using var scope = NewDisposeScope();
        using var model = Model(family);
        var alone = Logits(model, null);
        var original = model.Weights.ToDictionary(w => w, w => w.Value.clone());

        Tensor start, trained;
        using (var adapted = new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(settings)!.AsObject())))
        {
            start = Logits(model, adapted);
            Train(model, adapted);
            trained = Logits(model, adapted);
            adapted.Save(_folder.FullName);
        }

        Near(alone, start);
        Assert.True((trained - alone).abs().max().item<float>() > 1e-2);
        Assert.All(original, o => Assert.True(o.Key.Value.equal(o.Value).all().item<bool>() && o.Key.Value.grad is null));
        using var stack = new AdapterStack(model);
        stack.Add("one", Adapter.Open(_folder.FullName));
        stack.Activate("one");
        Near(trained, Logits(model, null));
    }

    [Theory]
    [MemberData(nameof(Mergeable))]
    [MemberData(nameof(Prompts))]
    public void Save_GivesTheSameNumbersBack_AndTheSameBytesTwice(string family, string settings)
    {
        using var scope = NewDisposeScope();
        using var model = Model(family);
        var (first, second) = (_folder.CreateSubdirectory("first").FullName, _folder.CreateSubdirectory("second").FullName);
        Tensor trained;
        using (var adapted = new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(settings)!.AsObject())))
        {
            Train(model, adapted);
            trained = Logits(model, adapted);
            adapted.Save(first);
        }

        using var again = new AdaptedModel(model, Adapter.Open(first));
        again.Save(second);

        Assert.True(trained.equal(Logits(model, again)).all().item<bool>());
        Assert.All([AdapterConfig.FileName, AdapterWeights.FileName], f => Assert.Equal(File.ReadAllBytes(Path.Combine(first, f)), File.ReadAllBytes(Path.Combine(second, f))));
    }

    [Fact]
    public void AdapterOnATiedTable_LeavesTheHead_AndASavedHeadLeavesTheTable()
    {
        using var scope = NewDisposeScope();
        using var model = Model("gpt2");
        var alone = Logits(model, null);
        string Settings(string target, string saved) => Lora + $$""" "target_modules": ["{{target}}"], "modules_to_save": ["{{saved}}"], "task_type": "CAUSAL_LM"}""";

        foreach (var (settings, changed) in new[] { (Settings("wte", "ln_f"), "wte.lora_embedding_A"), (Settings("c_fc", "lm_head"), "lm_head.weight"), (Settings("c_fc", "wte"), "wte.weight") })
        {
            using var adapted = new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(settings)!.AsObject()));
            var parameter = adapted.Weights.Single(w => w.Parts[0].Name.EndsWith(changed, StringComparison.Ordinal));
            using (no_grad())
            {
                parameter.Value.detach().narrow(parameter.RowShape[0] == TinyDecoder.Vocabulary ? 1 : 0, 36, 1).add_(1);   // of a word that the batch does not have
            }

            var difference = (Logits(model, adapted) - alone).abs().amax([0, 1]);

            Assert.Equal(changed.StartsWith("lm_head", StringComparison.Ordinal), difference[36].item<float>() > 0.1);
            Assert.True(difference.narrow(0, 0, 36).max().item<float>() < 1e-4);
        }
    }

    [Fact]
    public void Dropout_IsOfThePassThatHasIt()
    {
        using var scope = NewDisposeScope();
        using var model = Model("llama");
        using var adapted = new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(Lora + """ "target_modules": ["q_proj", "o_proj"], "lora_dropout": 0.5, "use_dora": true, "task_type": "CAUSAL_LM"}""")!.AsObject()));
        Train(model, adapted);
        var batch = new DecoderBatch { Ids = TinyDecoder.Ids(TinyDecoder.Tokens(9, 1)) };

        var (without, again) = (adapted.Run(batch).Logits!, adapted.Run(batch).Logits!);
        var dropped = adapted.Run(batch, new MaskDropout(seed: 1)).Logits!;

        Assert.True(without.equal(again).all().item<bool>());
        Assert.False(without.allclose(dropped));
    }

    [Fact]
    public void PackedRows_GiveAnAdapterTheGradientsOfPaddedOnes()
    {
        using var scope = NewDisposeScope();
        using var model = (LayeredEncoder)Model("bert");
        using var adapted = new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(Lora + """ "target_modules": ["layer.1.attention.output.dense", "layer.2.attention.self.query"], "task_type": "SEQ_CLS"}""")!.AsObject()));
        Shake(adapted);
        var labels = tensor([0L, 1L]);
        nn.functional.cross_entropy(adapted.Run(new PaddedBatch { Ids = Ids }).Logits!, labels).backward();
        var expected = adapted.Weights.ToDictionary(w => w, w => w.Value.grad!.clone());
        adapted.Weights.ToList().ForEach(w => w.Value.grad = null);

        using var packed = new PackedBatch { Ids = Ids.flatten(), Positions = arange(5).repeat(2), Starts = tensor([0L, 5L]), Offsets = [0, 5, 10] };
        new LayeredPass(model, new MaskDropout(seed: 1)).Accumulate(model.Words(packed.Ids), packed, logits => nn.functional.cross_entropy(logits, labels));

        Assert.All(expected, e => Near(e.Value, e.Key.Value.grad!));
    }

    [Theory]
    [InlineData("distilbert", """{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "task_type": "SEQ_CLS"}""", "prompt tuning")]
    [InlineData("bart", """{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "num_layers": 2, "token_dim": 24, "num_attention_heads": 2, "task_type": "SEQ_2_SEQ_LM"}""", "the decoder has 3")]
    [InlineData("t5", """{"peft_type": "LORA", "target_modules": ["shared"], "task_type": "SEQ_2_SEQ_LM"}""", "before it is merged")]
    [InlineData("distilbert", """{"peft_type": "LORA", "target_modules": "all-linear", "task_type": "SEQ_CLS"}""", "exclude_modules")]
    [InlineData("qwen3_moe", """{"peft_type": "LORA", "target_modules": ["mlp.gate"], "task_type": "CAUSAL_LM"}""", "leave it out")]
    public void WhatHasNoPlace_IsRefusedInOneSentence(string family, string settings, string says)
    {
        using var model = Model(family);

        var e = Assert.Throws<InputException>(() => new AdaptedModel(model, AdapterStart.Create(_folder.FullName, model, JsonNode.Parse(settings)!.AsObject())));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(model.AllWeights, w => w.IsAdapted);
    }

    private static Tensor Ids => tensor(new long[,] { { 2, 7, 8, 9, 3 }, { 2, 11, 5, 6, 3 } });

    private static PretrainedModel Model(string family) =>
        TinyModels.EncoderDecoders.Any(f => f.Data == family) ? TinyModels.Create(family, ModelHead.ConditionalGeneration)
        : TinyModels.Encoders.Any(f => f.Data == family) ? TinyModels.Create(family, ModelHead.SequenceClassification)
        : TinyDecoder.Create(family);

    private static Tensor Logits(PretrainedModel model, AdaptedModel? adapted)
    {
        using var noGrad = no_grad();
        return Forward(model, adapted);
    }

    private static Tensor Forward(PretrainedModel model, AdaptedModel? adapted) => model switch
    {
        EncoderModel encoder => (adapted?.Run(new PaddedBatch { Ids = Ids }) ?? encoder.Run(new PaddedBatch { Ids = Ids })).Logits!,
        DecoderModel decoder => (adapted?.Run(new DecoderBatch { Ids = Ids }) ?? decoder.Run(new DecoderBatch { Ids = Ids })).Logits!,
        var other => adapted?.Run(Ids, null, Ids) ?? ((EncoderDecoderModel)other).Forward(Ids, null, Ids),
    };

    private static void Train(PretrainedModel model, AdaptedModel adapted)
    {
        Shake(adapted);
        using var optimizer = new AdamW(adapted.Weights, null, new AdamWSettings(0.9, 0.999, 1e-8, 0), plain: false);
        for (var step = 0; step < 2; step++)
        {
            using var scope = NewDisposeScope();
            var logits = Forward(model, adapted);
            HeadLoss.Tokens(logits, zeros(logits.shape[..^1], ScalarType.Int64)).backward();
            optimizer.SquaredNorm();
            optimizer.Step(1e-2, 1);
        }
    }

    /// <summary>Away from the start, where an adapter does nothing and half of it has no gradient.</summary>
    private static void Shake(AdaptedModel adapted)
    {
        using var noGrad = no_grad();
        using var generator = random.manual_seed(3);
        foreach (var weight in adapted.Weights)
        {
            using var value = weight.Value.detach();
            using var noise = randn(value.shape, generator: generator);
            value.add_(noise * 0.1);
        }
    }

    private static void Near(Tensor expected, Tensor actual) =>
        Assert.True(expected.allclose(actual, rtol: 1e-4, atol: 1e-4), $"differs by {(expected - actual).abs().max().item<float>()}");
}
