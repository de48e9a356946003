using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>A tiny model of each family, with weights drawn anew, as a Hugging Face folder.</summary>
internal static class TinyModels
{
    private const string BertSizes = """
        "vocab_size": 60, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 40, "max_position_embeddings": 20, "initializer_range": 0.2,
        "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0, "id2label": {"0": "no", "1": "yes"}
        """;

    private static readonly Dictionary<string, string> s_configs = new()
    {
        ["bert"] = $$"""{"model_type": "bert", {{BertSizes}}}""",
        ["ernie"] = $$"""{"model_type": "ernie", {{BertSizes}}, "type_vocab_size": 4, "use_task_id": true, "hidden_act": "relu"}""",
        ["roberta"] = $$"""{"model_type": "roberta", {{BertSizes}}, "type_vocab_size": 1, "pad_token_id": 0, "layer_norm_eps": 1e-5}""",
        ["xlm-roberta"] = $$"""{"model_type": "xlm-roberta", {{BertSizes}}, "type_vocab_size": 1, "pad_token_id": 1}""",
        ["electra"] = $$"""{"model_type": "electra", {{BertSizes}}, "embedding_size": 16}""",
        ["albert"] = $$"""{"model_type": "albert", {{BertSizes}}, "embedding_size": 16, "num_hidden_groups": 2, "inner_group_num": 2, "classifier_dropout_prob": 0}""",
        ["distilbert"] = """
            {"model_type": "distilbert", "vocab_size": 60, "dim": 24, "n_layers": 3, "n_heads": 3, "hidden_dim": 40, "max_position_embeddings": 20, "initializer_range": 0.2,
             "dropout": 0, "attention_dropout": 0, "seq_classif_dropout": 0, "id2label": {"0": "no", "1": "yes"}}
            """,
        ["modernbert"] = """
            {"model_type": "modernbert", "vocab_size": 60, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 40, "max_position_embeddings": 20,
             "pad_token_id": 0, "global_attn_every_n_layers": 2, "local_attention": 6, "classifier_pooling": "mean", "initializer_range": 0.2, "id2label": {"0": "no", "1": "yes"}}
            """,
        ["t5"] = """
            {"model_type": "t5", "vocab_size": 60, "d_model": 24, "d_kv": 5, "d_ff": 40, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 3, "feed_forward_proj": "gated-gelu",
             "dropout_rate": 0, "tie_word_embeddings": false}
            """,
        ["mt5"] = """
            {"model_type": "mt5", "vocab_size": 60, "d_model": 24, "d_kv": 8, "d_ff": 40, "num_layers": 2, "num_heads": 3, "dropout_rate": 0}
            """,
        ["bart"] = """
            {"model_type": "bart", "vocab_size": 60, "d_model": 24, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 3, "decoder_attention_heads": 2,
             "encoder_ffn_dim": 40, "decoder_ffn_dim": 32, "max_position_embeddings": 20, "dropout": 0, "init_std": 0.2}
            """,
    };

    public static TheoryData<string> Encoders => ["bert", "ernie", "roberta", "xlm-roberta", "electra", "albert", "distilbert", "modernbert"];

    public static TheoryData<string> EncoderDecoders => ["t5", "mt5", "bart"];

    public static PretrainedModel Create(string family, ModelHead head, long seed = 11)
    {
        var folder = Directory.CreateTempSubdirectory("experimenthub-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), s_configs[family]);
            random.manual_seed(seed);
            return ModelLoader.Create(ModelConfig.Read(folder.FullName), head);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static EncoderModel Classifier(string family) => (EncoderModel)Create(family, ModelHead.SequenceClassification);

    /// <summary>Three rows of real tokens, none of which is padding.</summary>
    public static long[][] Rows { get; } = [[2, 17, 33, 9, 41, 28, 3], [2, 51, 12, 3], [2, 44, 45, 46, 47, 48, 49, 50, 11, 3]];

    /// <summary>These rows, padded on the right to one length.</summary>
    public static PaddedBatch Batch(EncoderModel model, params long[][] rows) => new()
    {
        Ids = Padded(model.Config.PadTokenId, rows),
        Mask = rows.All(r => r.Length == rows[0].Length) ? null : Padded(0, [.. rows.Select(r => r.Select(_ => 1L).ToArray())]),
    };

    public static Tensor Padded(long fill, params long[][] rows)
    {
        var longest = rows.Max(r => r.Length);
        return tensor(rows.SelectMany(r => r.Concat(Enumerable.Repeat(fill, longest - r.Length))).ToArray()).view(rows.Length, longest);
    }
}
