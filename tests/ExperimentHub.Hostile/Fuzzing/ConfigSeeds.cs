using System.Text;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Configurations of the model families, each with the fields that its reader looks at.</summary>
internal static class ConfigSeeds
{
    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. FuzzSeeds.Configs,
        Seed("\"model_type\":\"ernie\",\"architectures\":[\"ErnieForMaskedLM\"],\"vocab_size\":16,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"use_task_id\":true,\"task_type_vocab_size\":3,\"hidden_act\":\"relu\""),
        Seed("\"model_type\":\"roberta\",\"vocab_size\":16,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"max_position_embeddings\":34,\"type_vocab_size\":1,\"pad_token_id\":1,\"num_labels\":3"),
        Seed("\"model_type\":\"electra\",\"vocab_size\":16,\"embedding_size\":4,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2"),
        Seed("\"model_type\":\"albert\",\"vocab_size\":16,\"embedding_size\":4,\"hidden_size\":8,\"num_hidden_layers\":4,\"num_attention_heads\":2,\"num_hidden_groups\":2,\"inner_group_num\":2,\"classifier_dropout_prob\":0.1"),
        Seed("\"model_type\":\"distilbert\",\"vocab_size\":16,\"dim\":8,\"n_layers\":2,\"n_heads\":2,\"hidden_dim\":16,\"activation\":\"gelu\",\"seq_classif_dropout\":0.2,\"tie_word_embeddings\":true"),
        Seed("\"model_type\":\"modernbert\",\"vocab_size\":16,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"pad_token_id\":0,\"layer_types\":[\"full_attention\",\"sliding_attention\"],"
            + "\"rope_parameters\":{\"full_attention\":{\"rope_theta\":160000.0,\"rope_type\":\"default\"},\"sliding_attention\":{\"rope_theta\":10000.0,\"rope_type\":\"yarn\",\"factor\":4.0}},\"classifier_pooling\":\"mean\",\"local_attention\":6"),
        Seed("\"model_type\":\"t5\",\"vocab_size\":16,\"d_model\":8,\"d_kv\":3,\"d_ff\":16,\"num_layers\":2,\"num_decoder_layers\":2,\"num_heads\":2,\"feed_forward_proj\":\"gated-gelu\",\"relative_attention_num_buckets\":32,"
            + "\"relative_attention_max_distance\":128,\"scale_decoder_outputs\":true,\"decoder_start_token_id\":0,\"eos_token_id\":1"),
        Seed("\"model_type\":\"gpt2\",\"vocab_size\":16,\"n_embd\":8,\"n_layer\":2,\"n_head\":2,\"n_positions\":32,\"n_inner\":null,\"activation_function\":\"gelu_new\",\"scale_attn_by_inverse_layer_idx\":true"),
        Seed(Llama("llama") + ",\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":16},\"mlp_bias\":true,\"tie_word_embeddings\":false"),
        Seed(Llama("mistral") + ",\"sliding_window\":5"),
        Seed(Llama("qwen2") + ",\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":1,\"layer_types\":[\"full_attention\",\"sliding_attention\"]"),
        Seed(Llama("qwen3") + ",\"attention_bias\":false,\"rope_parameters\":{\"rope_theta\":1000000.0,\"rope_type\":\"dynamic\",\"factor\":2.0}"),
        Seed(Llama("ernie4_5") + ",\"use_bias\":true"),
        Seed(Llama("phi3") + ",\"partial_rotary_factor\":0.5,\"original_max_position_embeddings\":16"),
        Seed(Llama("gemma3_text") + ",\"query_pre_attn_scalar\":10,\"sliding_window\":5,\"sliding_window_pattern\":2,\"rope_local_base_freq\":10000.0,\"final_logit_softcapping\":null"),
        Seed(Llama("qwen3_moe") + ",\"num_experts\":4,\"num_experts_per_tok\":2,\"moe_intermediate_size\":8,\"norm_topk_prob\":true,\"decoder_sparse_step\":1,\"mlp_only_layers\":[0]"),
        Seed(Llama("ernie4_5_moe") + ",\"moe_num_experts\":4,\"moe_k\":2,\"moe_intermediate_size\":8,\"moe_num_shared_experts\":1,\"moe_layer_start_index\":1,\"moe_layer_end_index\":-1,\"moe_layer_interval\":1,\"moe_norm_min\":1e-12"),
        Seed("\"model_type\":\"bart\",\"vocab_size\":16,\"d_model\":8,\"encoder_layers\":2,\"decoder_layers\":2,\"encoder_attention_heads\":2,\"decoder_attention_heads\":2,\"encoder_ffn_dim\":16,\"decoder_ffn_dim\":16,\"scale_embedding\":true,\"decoder_start_token_id\":2"),
    ];

    private static string Llama(string family) =>
        $"\"model_type\":\"{family}\",\"vocab_size\":16,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"num_key_value_heads\":1,\"head_dim\":4,\"intermediate_size\":16,\"max_position_embeddings\":32,\"pad_token_id\":0";

    private static byte[] Seed(string fields) => Encoding.UTF8.GetBytes("{" + fields + "}");
}
