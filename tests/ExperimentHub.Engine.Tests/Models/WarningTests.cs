using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Tests.Models;

public sealed class WarningTests
{
    [Fact]
    public void StoredWarning_KeepsWhatATranslationNeeds()
    {
        var stored = JsonSerializer.Serialize(new Warning("unused_tensors", "model.safetensors has 3 tensors.", "model.safetensors", 3), WireJson.Options);

        var read = JsonSerializer.Deserialize<Warning>(stored, WireJson.Options)!;

        Assert.Equal("""{"code":"unused_tensors","message":"model.safetensors has 3 tensors.","arguments":["model.safetensors",3]}""", stored);
        Assert.Equal(("unused_tensors", "model.safetensors has 3 tensors."), (read.Code, read.Message));
        Assert.Equal("3 in model.safetensors", string.Format(CultureInfo.InvariantCulture, "{1} in {0}", [.. read.Arguments]));
    }

    [Fact]
    public void WarningOfTheFirstVersion_IsItsSentence()
    {
        var read = JsonSerializer.Deserialize<Warning[]>("""["The folder has no tokenizer."]""", WireJson.Options)!;

        Assert.Equal("The folder has no tokenizer.", Assert.Single(read).ToString());
    }
}
