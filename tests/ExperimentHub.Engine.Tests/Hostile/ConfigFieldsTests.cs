using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Tests.Hostile;

public sealed class ConfigFieldsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Theory]
    [InlineData("""{"id2label": {"\ud800": "good"}}""")]
    [InlineData("""{"id2label": {"0": "\udc00"}}""")]
    [InlineData("""{"id2label": {"zero": "good"}}""")]
    public void NumberedTexts_RefusesHalfACharacter_AndWhatIsNoNumber(string config)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "config.json"), config);
        var fields = ConfigFields.Read(_directory.FullName);

        var refusal = Assert.Throws<InputException>(() => fields.NumberedTexts("id2label"));

        Assert.Equal("config.field", refusal.Code);
        Assert.Contains("id2label", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Object_RefusesANameThatHoldsHalfACharacter()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "config.json"), """{"rope_parameters": {"\ud800": 1}}""");
        var fields = ConfigFields.Read(_directory.FullName);

        var refusal = Assert.Throws<InputException>(() => fields.Object("rope_parameters"));

        Assert.Equal("config.field", refusal.Code);
        Assert.Contains("rope_parameters", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
