using System.Text.Json.Nodes;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary>
/// <c>config.json</c> of decoders, in each family's own names (those of Hugging Face's configuration classes). Word embeddings are tied, as in the
/// smallest models that the families have published: a matrix of their own would be most of such a model.
/// </summary>
internal static class DecoderFields
{
    private const int Experts = 8;
    private const int ExpertsOfAToken = 2;

    public static void Gpt2(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        json["n_embd"] = size.HiddenSize;
        json["n_layer"] = size.Layers;
        json["n_head"] = size.Heads;
        json["n_inner"] = size.IntermediateSize;
        json["n_positions"] = size.MaxLength;
        json["activation_function"] = "gelu_new";
        json["resid_pdrop"] = 0.1;
        json["embd_pdrop"] = 0.1;
        json["attn_pdrop"] = 0.1;
        json["layer_norm_epsilon"] = 1e-5;
        json["initializer_range"] = 0.02;
        json["scale_attn_weights"] = true;
        json["tie_word_embeddings"] = true;
        Ends(json, special);
    }

    public static void Llama(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json["attention_bias"] = false;
        json["mlp_bias"] = false;
    }

    /// <summary>As Mistral's later models, no layer slides.</summary>
    public static void Mistral(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json["sliding_window"] = null;
    }

    public static void Qwen2(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json["use_sliding_window"] = false;
        json["max_window_layers"] = size.Layers;
    }

    public static void Qwen3(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Qwen2(json, size, special);
        json["attention_bias"] = false;
    }

    /// <summary>Small experts, as many as a feed-forward of the dense size takes for a token.</summary>
    public static void Qwen3Moe(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Qwen3(json, size, special);
        json["num_experts"] = Experts;
        json["num_experts_per_tok"] = ExpertsOfAToken;
        json["moe_intermediate_size"] = size.IntermediateSize / ExpertsOfAToken;
        json["norm_topk_prob"] = true;
        json["decoder_sparse_step"] = 1;
        json["mlp_only_layers"] = new JsonArray();
        json["router_aux_loss_coef"] = 0.001;
    }

    public static void Ernie45(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special, theta: 500_000, epsilon: 1e-5);
        json["use_bias"] = false;
    }

    /// <summary>The first layer is dense; one expert is shared by all tokens.</summary>
    public static void Ernie45Moe(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Ernie45(json, size, special);
        json.Remove("head_dim");
        json["moe_num_experts"] = Experts;
        json["moe_k"] = ExpertsOfAToken;
        json["moe_num_shared_experts"] = 1;
        json["moe_intermediate_size"] = size.IntermediateSize / ExpertsOfAToken;
        json["moe_layer_start_index"] = 1;
        json["moe_layer_end_index"] = -1;
        json["moe_layer_interval"] = 1;
        json["moe_norm_min"] = 1e-12;
        json["router_aux_loss_coef"] = 0.001;
    }

    /// <summary>As Phi-3 mini: as many heads of keys as of queries.</summary>
    public static void Phi3(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special, epsilon: 1e-5);
        json.Remove("head_dim");
        json["num_key_value_heads"] = size.Heads;
        json["original_max_position_embeddings"] = size.MaxLength;
        json["sliding_window"] = null;
        json["resid_pdrop"] = 0.0;
        json["embd_pdrop"] = 0.0;
    }

    /// <summary>Of six layers one sees all, of fewer the last; the others see half the length.</summary>
    public static void Gemma3(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special, theta: 1_000_000);
        var every = Math.Min(6, size.Layers);
        json.Remove("hidden_act");
        json["hidden_activation"] = "gelu_pytorch_tanh";
        json["query_pre_attn_scalar"] = size.HiddenSize / size.Heads;
        json["attention_bias"] = false;
        json["sliding_window"] = size.MaxLength / 2;
        json["rope_local_base_freq"] = 10_000.0;
        json["layer_types"] = new JsonArray([.. Enumerable.Range(1, size.Layers).Select(i => (JsonNode)(i % every == 0 ? "full_attention" : "sliding_attention"))]);
    }

    /// <summary>Four heads of queries share one of keys and values (Ainslie et al. 2023).</summary>
    private static void Common(JsonObject json, ModelPreset size, SpecialTokens special, double theta = 10_000, double epsilon = 1e-6)
    {
        json["hidden_size"] = size.HiddenSize;
        json["num_hidden_layers"] = size.Layers;
        json["num_attention_heads"] = size.Heads;
        json["num_key_value_heads"] = Math.Max(1, size.Heads / 4);
        json["head_dim"] = size.HiddenSize / size.Heads;
        json["intermediate_size"] = size.IntermediateSize;
        json["hidden_act"] = "silu";
        json["max_position_embeddings"] = size.MaxLength;
        json["rope_theta"] = theta;
        json["rms_norm_eps"] = epsilon;
        json["attention_dropout"] = 0.0;
        json["initializer_range"] = 0.02;
        json["tie_word_embeddings"] = true;
        Ends(json, special);
    }

    /// <summary>Null where the tokenizer has none, since the classes would take ids of their own.</summary>
    private static void Ends(JsonObject json, SpecialTokens special)
    {
        json["bos_token_id"] = special.Beginning;
        json["eos_token_id"] = special.End;
        json["pad_token_id"] = special.Pad;
    }
}
