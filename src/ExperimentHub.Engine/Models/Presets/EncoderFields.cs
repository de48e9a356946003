using System.Text.Json.Nodes;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary><c>config.json</c> of encoders, in each family's own names (those of Hugging Face's configuration classes).</summary>
internal static class EncoderFields
{
    private const double InitializerRange = 0.02;

    public static void Bert(JsonObject json, ModelPreset size, SpecialTokens special) => Common(json, size, special);

    /// <summary>The row of padding and those before it are no positions.</summary>
    public static void Roberta(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special, epsilon: 1e-5);
        json["max_position_embeddings"] = size.MaxLength + special.Pad + 1;
        json["bos_token_id"] = special.Beginning ?? special.Classification;
        json["eos_token_id"] = special.End ?? special.Separator;
    }

    public static void Electra(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json["embedding_size"] = size.EmbeddingSize;
    }

    /// <summary>Without dropout, as its second version.</summary>
    public static void Albert(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json.Remove("classifier_dropout");
        json["embedding_size"] = size.EmbeddingSize;
        json["num_hidden_groups"] = 1;
        json["inner_group_num"] = 1;
        json["hidden_act"] = "gelu_new";
        json["hidden_dropout_prob"] = 0.0;
        json["attention_probs_dropout_prob"] = 0.0;
        json["classifier_dropout_prob"] = 0.1;
        json["bos_token_id"] = special.Classification;
        json["eos_token_id"] = special.Separator;
    }

    public static void Ernie(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        Common(json, size, special);
        json["task_type_vocab_size"] = 3;
        json["use_task_id"] = false;
    }

    public static void DistilBert(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        json["dim"] = size.HiddenSize;
        json["n_layers"] = size.Layers;
        json["n_heads"] = size.Heads;
        json["hidden_dim"] = size.IntermediateSize;
        json["activation"] = "gelu";
        json["dropout"] = 0.1;
        json["attention_dropout"] = 0.1;
        json["qa_dropout"] = 0.1;
        json["seq_classif_dropout"] = 0.2;
        json["sinusoidal_pos_embds"] = false;
        json["max_position_embeddings"] = size.MaxLength;
        json["initializer_range"] = InitializerRange;
        json["pad_token_id"] = special.Pad;
    }

    public static void ModernBert(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        json["hidden_size"] = size.HiddenSize;
        json["num_hidden_layers"] = size.Layers;
        json["num_attention_heads"] = size.Heads;
        json["intermediate_size"] = size.IntermediateSize;
        json["hidden_activation"] = "gelu";
        json["max_position_embeddings"] = size.MaxLength;
        json["global_attn_every_n_layers"] = 3;
        json["local_attention"] = 128;
        json["global_rope_theta"] = 160_000.0;
        json["local_rope_theta"] = 10_000.0;
        json["norm_eps"] = 1e-5;
        json["norm_bias"] = false;
        json["attention_bias"] = false;
        json["mlp_bias"] = false;
        json["classifier_pooling"] = "mean";
        json["initializer_range"] = InitializerRange;
        json["initializer_cutoff_factor"] = 2.0;
        json["pad_token_id"] = special.Pad;
        json["bos_token_id"] = special.Classification;
        json["eos_token_id"] = special.Separator;
        json["cls_token_id"] = special.Classification;
        json["sep_token_id"] = special.Separator;
    }

    private static void Common(JsonObject json, ModelPreset size, SpecialTokens special, double epsilon = 1e-12)
    {
        json["hidden_size"] = size.HiddenSize;
        json["num_hidden_layers"] = size.Layers;
        json["num_attention_heads"] = size.Heads;
        json["intermediate_size"] = size.IntermediateSize;
        json["hidden_act"] = "gelu";
        json["hidden_dropout_prob"] = 0.1;
        json["attention_probs_dropout_prob"] = 0.1;
        json["classifier_dropout"] = null;
        json["max_position_embeddings"] = size.MaxLength;
        json["type_vocab_size"] = 2;   // also for RoBERTa: a tokenizer that numbers the second text 1 finds a row
        json["initializer_range"] = InitializerRange;
        json["layer_norm_eps"] = epsilon;
        json["pad_token_id"] = special.Pad;
        json["position_embedding_type"] = "absolute";
    }
}
