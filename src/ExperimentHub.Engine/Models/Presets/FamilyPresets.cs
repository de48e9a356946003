using ExperimentHub.Engine.Tokenizers.Training;
using static ExperimentHub.Engine.Models.Presets.TokenNeeds;

namespace ExperimentHub.Engine.Models.Presets;

/// <summary>
/// The families that a model can be begun in. XLM-RoBERTa and mT5 are not among them: from scratch they are RoBERTa and T5. Shapes are those
/// that the families' authors or others have published for small models, the largest of them as published for "base".
/// </summary>
public static class FamilyPresets
{
    private const TokenNeeds Framed = Padding | Frame;

    private static readonly TokenizerTraining s_words = new() { Kind = TokenizerTraining.WordPiece };
    private static readonly TokenizerTraining s_bytes = new() { Kind = TokenizerTraining.ByteLevelBpe };

    /// <summary>Turc et al. 2019, "Well-Read Students Learn Better".</summary>
    private static readonly ModelPreset[] s_bert =
    [
        new("tiny", 2, 128, 2, 512, 4000, 256),
        new("mini", 4, 256, 4, 1024, 8000, 512),
        new("small", 4, 512, 8, 2048, 16_000, 512),
        new("base", 12, 768, 12, 3072, 30_522, 512),
    ];

    /// <summary>Half the layers of the BERT of this size (Sanh et al. 2019).</summary>
    private static readonly ModelPreset[] s_distilBert = [s_bert[0] with { Layers = 1 }, s_bert[1] with { Layers = 2 }, s_bert[2] with { Layers = 2 }, s_bert[3] with { Layers = 6 }];

    /// <summary>Clark et al. 2020: small is deep and narrow.</summary>
    private static readonly ModelPreset[] s_electra =
    [
        s_bert[0] with { EmbeddingSize = 64 }, s_bert[1] with { EmbeddingSize = 128 }, new("small", 12, 256, 4, 1024, 16_000, 512) { EmbeddingSize = 128 }, s_bert[3] with { EmbeddingSize = 768 },
    ];

    /// <summary>Lan et al. 2020; one layer's weights serve all.</summary>
    private static readonly ModelPreset[] s_albert =
    [
        new("tiny", 4, 128, 2, 512, 4000, 256) { EmbeddingSize = 64 },
        new("mini", 6, 256, 4, 1024, 8000, 512) { EmbeddingSize = 128 },
        new("small", 6, 384, 6, 1536, 16_000, 512) { EmbeddingSize = 128 },
        new("base", 12, 768, 12, 3072, 30_000, 512) { EmbeddingSize = 128 },
    ];

    /// <summary>Warner et al. 2024; the smaller ones as Ettin's (Weller et al. 2025).</summary>
    private static readonly ModelPreset[] s_modernBert =
    [
        new("tiny", 4, 128, 2, 192, 4000, 512),
        new("mini", 7, 256, 4, 384, 8000, 1024),
        new("small", 10, 384, 6, 576, 16_000, 1024),
        new("base", 22, 768, 12, 1152, 50_368, 8192),
    ];

    /// <summary>Radford et al. 2019; base is the published small one.</summary>
    private static readonly ModelPreset[] s_gpt2 =
    [
        new("tiny", 2, 128, 2, 512, 4000, 256),
        new("mini", 4, 256, 4, 1024, 8000, 512),
        new("small", 6, 512, 8, 2048, 16_000, 1024),
        new("base", 12, 768, 12, 3072, 50_257, 1024),
    ];

    /// <summary>A gated feed-forward has three matrices, so it is 8/3 as wide as the layer (Shazeer 2020), here rounded up to 64.</summary>
    private static readonly ModelPreset[] s_gated =
    [
        new("tiny", 2, 128, 2, 384, 4000, 256),
        new("mini", 4, 256, 4, 704, 8000, 512),
        new("small", 8, 512, 8, 1408, 16_000, 1024),
        new("base", 12, 768, 12, 2048, 32_000, 2048),
    ];

    /// <summary>Experts multiply the feed-forward's weights by eight, so the largest size is left out.</summary>
    private static readonly ModelPreset[] s_experts = s_gated[..3];

    /// <summary>T5 1.1; small and base as published.</summary>
    private static readonly ModelPreset[] s_t5 =
    [
        new("tiny", 2, 128, 2, 256, 4000, 256),
        new("mini", 4, 256, 4, 512, 8000, 512),
        new("small", 8, 512, 6, 1024, 16_000, 512),
        new("base", 12, 768, 12, 2048, 32_000, 512),
    ];

    /// <summary>Lewis et al. 2020; base as published.</summary>
    private static readonly ModelPreset[] s_bart =
    [
        new("tiny", 2, 128, 2, 512, 4000, 256),
        new("mini", 3, 256, 4, 1024, 8000, 512),
        new("small", 4, 512, 8, 2048, 16_000, 512),
        new("base", 6, 768, 12, 3072, 50_265, 1024),
    ];

    /// <summary>Encoders first, then decoders, then what is both.</summary>
    public static IReadOnlyList<FamilyPreset> All { get; } =
    [
        new("bert", "BERT", s_words, Framed, s_bert, EncoderFields.Bert) { HasTokenTypes = true },
        new("roberta", "RoBERTa", s_bytes with { Frame = TokenizerFrame.Roberta }, Framed | EarlyPadding, s_bert, EncoderFields.Roberta),
        new("distilbert", "DistilBERT", s_words, Framed, s_distilBert, EncoderFields.DistilBert),
        new("electra", "ELECTRA", s_words, Framed, s_electra, EncoderFields.Electra) { HasTokenTypes = true },
        new("albert", "ALBERT", s_words, Framed, s_albert, EncoderFields.Albert) { HasTokenTypes = true },
        new("ernie", "ERNIE", s_words, Framed, s_bert, EncoderFields.Ernie) { HasTokenTypes = true },
        new("modernbert", "ModernBERT", s_bytes with { Frame = TokenizerFrame.ModernBert }, Framed, s_modernBert, EncoderFields.ModernBert),
        new("gpt2", "GPT-2", s_bytes, End, s_gpt2, DecoderFields.Gpt2),
        new("llama", "Llama", s_bytes, End, s_gated, DecoderFields.Llama),
        new("mistral", "Mistral", s_bytes, End, s_gated, DecoderFields.Mistral),
        new("qwen2", "Qwen 2", s_bytes, End, s_gated, DecoderFields.Qwen2),
        new("qwen3", "Qwen 3", s_bytes, End, s_gated, DecoderFields.Qwen3),
        new("qwen3_moe", "Qwen 3 (MoE)", s_bytes, End, s_experts, DecoderFields.Qwen3Moe),
        new("ernie4_5", "ERNIE 4.5", s_bytes, End | Padding, s_gated, DecoderFields.Ernie45),
        new("ernie4_5_moe", "ERNIE 4.5 (MoE)", s_bytes, End | Padding, s_experts, DecoderFields.Ernie45Moe),
        new("phi3", "Phi-3", s_bytes, End | Padding, s_gated, DecoderFields.Phi3),
        new("gemma3_text", "Gemma 3", s_bytes, End | Padding, s_gated, DecoderFields.Gemma3),
        new("t5", "T5", new() { Kind = TokenizerTraining.Unigram, Frame = TokenizerFrame.Ending }, End | Padding, s_t5, BothFields.T5),
        new("bart", "BART", s_bytes with { Frame = TokenizerFrame.Roberta }, End | Padding, s_bart, BothFields.Bart),
    ];

    /// <exception cref="InputException">There is no such family.</exception>
    public static FamilyPreset Find(string type) => All.FirstOrDefault(f => f.Type == type) ?? throw new InputException(
        $"No model of the family '{InputException.Quote(type)}' can be begun from scratch; there are {string.Join(", ", All.Select(f => f.Type))}.", "model.preset_family", InputException.Quote(type), string.Join(", ", All.Select(f => f.Type)));
}
