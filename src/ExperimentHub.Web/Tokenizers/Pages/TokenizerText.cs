namespace ExperimentHub.Web.Tokenizers.Pages;

/// <summary>Texts of the tokenizer pages: <c>TokenizerText.resx</c> and <c>TokenizerText.zh.resx</c>.</summary>
internal sealed class TokenizerText;
