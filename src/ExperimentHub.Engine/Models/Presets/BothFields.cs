using System.Text.Json.Nodes;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary><c>config.json</c> of models with an encoder and a decoder, in each family's own names (those of Hugging Face's configuration classes).</summary>
internal static class BothFields
{
    /// <summary>As version 1.1: a gated feed-forward, and a matrix of its own that scores the words.</summary>
    public static void T5(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        json["d_model"] = size.HiddenSize;
        json["d_kv"] = 64;
        json["d_ff"] = size.IntermediateSize;
        json["num_layers"] = size.Layers;
        json["num_decoder_layers"] = size.Layers;
        json["num_heads"] = size.Heads;
        json["relative_attention_num_buckets"] = 32;
        json["relative_attention_max_distance"] = 128;
        json["dropout_rate"] = 0.1;
        json["layer_norm_epsilon"] = 1e-6;
        json["initializer_factor"] = 1.0;
        json["feed_forward_proj"] = "gated-gelu";
        json["n_positions"] = size.MaxLength;
        json["tie_word_embeddings"] = false;
        Ends(json, special, start: special.Pad);
    }

    public static void Bart(JsonObject json, ModelPreset size, SpecialTokens special)
    {
        json["d_model"] = size.HiddenSize;
        foreach (var half in (string[])["encoder", "decoder"])
        {
            json[$"{half}_layers"] = size.Layers;
            json[$"{half}_attention_heads"] = size.Heads;
            json[$"{half}_ffn_dim"] = size.IntermediateSize;
            json[$"{half}_layerdrop"] = 0.0;
        }

        json["max_position_embeddings"] = size.MaxLength;
        json["activation_function"] = "gelu";
        json["dropout"] = 0.1;
        json["attention_dropout"] = 0.1;
        json["activation_dropout"] = 0.1;
        json["init_std"] = 0.02;
        json["scale_embedding"] = false;
        json["bos_token_id"] = special.Beginning;
        json["forced_eos_token_id"] = special.End;
        json["tie_word_embeddings"] = true;
        Ends(json, special, start: special.End);
    }

    private static void Ends(JsonObject json, SpecialTokens special, int? start)
    {
        json["is_encoder_decoder"] = true;
        json["pad_token_id"] = special.Pad;
        json["eos_token_id"] = special.End;
        json["decoder_start_token_id"] = start;
    }
}
