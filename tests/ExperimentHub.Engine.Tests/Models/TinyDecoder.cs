using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Random decoders of each family, small enough to compute with by the dozen, with numbers large enough to tell a fault from rounding.</summary>
internal static class TinyDecoder
{
    public const int Vocabulary = 37;

    private const string Common =
        """{"vocab_size": 37, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48, "max_position_embeddings": 96, "pad_token_id": 0}""";

    private static readonly Dictionary<string, string> s_special = new()
    {
        ["gpt2"] = """{"vocab_size": 37, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 96, "scale_attn_by_inverse_layer_idx": true}""",
        ["llama"] = """{"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 32}, "mlp_bias": true, "attention_bias": true}""",
        ["mistral"] = """{"sliding_window": 5}""",
        ["qwen2"] = """{"use_sliding_window": true, "sliding_window": 6, "max_window_layers": 1, "tie_word_embeddings": true}""",
        ["qwen3"] = """{"head_dim": 16}""",
        ["ernie4_5"] = """{"head_dim": 12, "use_bias": true}""",
        ["phi3"] = """{"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 24}, "partial_rotary_factor": 0.5}""",
        ["gemma3_text"] = """{"head_dim": 16, "query_pre_attn_scalar": 10, "sliding_window": 5, "sliding_window_pattern": 2}""",
        ["qwen3_moe"] = """{"head_dim": 8, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "norm_topk_prob": true, "mlp_only_layers": [1]}""",
        ["ernie4_5_moe"] = """{"moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": 16, "moe_num_shared_experts": 1}""",
    };

    public static TheoryData<string> Families => [.. s_special.Keys];

    /// <param name="family">Its <c>model_type</c>.</param>
    /// <param name="head">What stands on the body.</param>
    /// <param name="seed">Decides the numbers.</param>
    /// <param name="settings">Fields of config.json instead of the family's own here.</param>
    public static DecoderModel Create(string family, ModelHead head = ModelHead.CausalLanguageModel, int seed = 3, string? settings = null)
    {
        var json = family == "gpt2" ? [] : JsonNode.Parse(Common)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(settings ?? s_special[family])!.AsObject())
        {
            json[name] = value?.DeepClone();
        }

        json["model_type"] = family;
        var folder = Directory.CreateTempSubdirectory("experimenthub-decoder-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), JsonSerializer.Serialize(json));
            var model = (DecoderModel)ModelLoader.Create(ModelConfig.Read(folder.FullName), head);
            using var noGrad = no_grad();
            using var generator = random.manual_seed(seed);
            foreach (var weight in model.AllWeights.Where(w => !w.IsTied))
            {
                weight.Value.normal_(0, 0.3, generator);
            }

            return model;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Ids from 1 on; 0 is padding.</summary>
    public static int[] Tokens(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => 1 + (int)(Engine.Generation.CounterRandom.Uniform((ulong)seed, 1, (ulong)i) * (Vocabulary - 1)))];

    public static Tensor Ids(params int[][] rows)
    {
        var width = rows.Max(r => r.Length);
        return tensor(rows.SelectMany(r => Enumerable.Repeat(0L, width - r.Length).Concat(r.Select(t => (long)t))).ToArray()).view(rows.Length, width);
    }
}
