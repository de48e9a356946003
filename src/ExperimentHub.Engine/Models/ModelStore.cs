using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Models;

/// <summary>Puts model folders into the content store: made beside their final place, checked as a whole, then renamed to their hash.</summary>
internal static class ModelStore
{
    /// <summary>Lets <paramref name="fill"/> make a Hugging Face folder, checks it, and stores it under its hash unless it is there already.</summary>
    /// <exception cref="InputException">What was made is no model that can be used; nothing is left.</exception>
    internal static ModelInfo Add(string store, string name, string source, Action<string> fill)
    {
        var models = Directory.CreateDirectory(Path.Combine(store, "models")).FullName;
        var temporary = Path.Combine(models, $"{Guid.NewGuid():n}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            fill(temporary);
            var info = Describe(temporary, name, source);
            var final = Path.Combine(models, info.Hash);
            if (Directory.Exists(final))
            {
                return Read(final);
            }

            AtomicFile.MoveDirectory(temporary, final);
            return info;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>Checks a Hugging Face folder and writes <c>model_info.json</c> into it.</summary>
    /// <exception cref="InputException">The folder is no model that can be used.</exception>
    internal static ModelInfo Describe(string folder, string name, string source)
    {
        var info = ModelFolder.Inspect(folder, source);
        var warnings = info.Tokenizer is null
            ? [.. info.Warnings, new Warning("no_tokenizer", "The folder has no tokenizer, so the model can read no text.")]
            : (IReadOnlyList<Warning>)[.. info.Warnings, .. Tokenizer.Load(folder).Warnings];
        info = info with { Hash = ModelHash.OfFolder(folder), Name = name, Warnings = warnings };
        AtomicFile.Write(Path.Combine(folder, ModelInfo.FileName), stream => JsonSerializer.Serialize(stream, info, WireJson.Indented));
        return info;
    }

    private static ModelInfo Read(string folder) =>
        JsonSerializer.Deserialize<ModelInfo>(File.ReadAllBytes(Path.Combine(folder, ModelInfo.FileName)), WireJson.Options)
            ?? throw new InputException("The stored model's model_info.json is damaged; delete the model and import it again.", "model.info");
}
