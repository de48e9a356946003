using System.Text.Json;
using ExperimentHub.Engine.Generation;

namespace ExperimentHub.Engine.Tests.Generation;

public sealed class GenerationSettingsReaderTests
{
    [Fact]
    public void Read_TakesOverWhatIsThere_AndNullIsTheDefault()
    {
        var settings = Read("""{"num_beams": 4, "early_stopping": "never", "eos_token_id": [2, 5], "pad_token_id": null, "forced_eos_token_id": 2, "stop_strings": "x", "unknown": 1}""");
        var after = GenerationSettingsReader.Read(Parse("""{"eos_token_id": null, "num_beams": 1}"""), settings, "the request");

        Assert.Equal(EarlyStopping.WhenImpossible, settings.EarlyStopping);
        Assert.Equal([2, 5], settings.EosTokenId);
        Assert.Equal([2], settings.ForcedEosTokenId);
        Assert.Equal(["x"], settings.StopStrings);
        Assert.Empty(after.EosTokenId);
        Assert.Equal(EarlyStopping.WhenImpossible, after.EarlyStopping);
    }

    [Theory]
    [InlineData("""{"temperature": 0}""", "the request: temperature must be a number from 1E-06 to 1000000, not 0.")]
    [InlineData("""{"top_k": 1.5}""", "the request: top_k must be a whole number from 0 to 2147483647, not 1.5.")]
    [InlineData("""{"do_sample": "yes"}""", "the request: do_sample must be true or false, not \"yes\".")]
    [InlineData("""{"early_stopping": "sometimes"}""", "the request: early_stopping must be true, false or \"never\", not \"sometimes\".")]
    [InlineData("""{"bad_words_ids": [[]]}""", "the request: bad_words_ids must hold lists of token ids, none of them empty.")]
    [InlineData("""{"sequence_bias": [[[1], "a"]]}""", "the request: sequence_bias must hold numbers.")]
    [InlineData("""{"logit_bias": {"a": 1}}""", "the request: logit_bias must be an object from token ids to numbers.")]
    [InlineData("""{"eos_token_id": -1}""", "the request: eos_token_id must hold token ids, which are whole numbers from 0.")]
    [InlineData("""{"num_return_sequences": 2}""", "the request: num_return_sequences must be 1 in greedy search, which gives the same text each time; sample, or use more num_beams.")]
    [InlineData("""{"num_return_sequences": 3, "num_beams": 2}""", "the request: num_return_sequences must not be larger than num_beams.")]
    [InlineData("""{"stop_strings": "\ud800"}""", "the request is not UTF-8 text; save it as UTF-8.")]
    [InlineData("""{"guidance_scale": 1.5}""", "the request: guidance_scale is not supported; remove it.")]
    public void Read_TellsWhatIsWrong(string json, string sentence) => Assert.Equal(sentence, Assert.Throws<InputException>(() => Read(json)).Message);

    [Fact]
    public void Read_LetsUnusedFeaturesBe() => Assert.Equal(1, Read("""{"guidance_scale": 1.0, "num_beam_groups": 1, "constraints": null}""").NumBeams);

    private static GenerationSettings Read(string json) => GenerationSettingsReader.Read(Parse(json), new GenerationSettings(), "the request");

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    [Fact]
    public void Warn_TellsWhatIsNotBuilt_AndRefusesWhatIsWrong()
    {
        var folder = Directory.CreateTempSubdirectory("experimenthub-").FullName;
        Assert.Null(GenerationSettingsReader.Warn(folder));

        File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"guidance_scale": 2.5}""");
        Assert.Contains("guidance_scale", GenerationSettingsReader.Warn(folder)!.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id": ["</s>", 999999]}""");
        var fault = Assert.Throws<InputException>(() => GenerationSettingsReader.Warn(folder));

        Assert.Contains("generation_config.json", fault.Message, StringComparison.Ordinal);
        Assert.Contains("eos_token_id", fault.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
