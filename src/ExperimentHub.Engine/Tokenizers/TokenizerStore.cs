using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Tokenizers in the content store: those of models, and those that were trained by themselves (<c>tokenizers/HASH</c>).</summary>
public static class TokenizerStore
{
    private static readonly string[] s_kinds = ["models", "tokenizers"];

    /// <summary>The folder of a tokenizer, by the content hash of a model or of a trained tokenizer; null if there is none.</summary>
    public static string? Find(string store, string? hash) =>
        ContentHash.IsValid(hash) ? s_kinds.Select(kind => Path.Combine(store, kind, hash!)).FirstOrDefault(Directory.Exists) : null;

    /// <summary>Stores what was learned under its hash, unless it is there already.</summary>
    /// <param name="store">The content store.</param>
    /// <param name="file">What was learned.</param>
    /// <param name="info">What is known of it; its hash is filled in.</param>
    /// <exception cref="InputException">What was learned cannot be loaded; nothing is left.</exception>
    public static TokenizerInfo Add(string store, TokenizerFile file, TokenizerInfo info)
    {
        var tokenizers = Directory.CreateDirectory(Path.Combine(store, "tokenizers")).FullName;
        var temporary = Directory.CreateDirectory(Path.Combine(tokenizers, $"{Guid.NewGuid():n}.tmp")).FullName;
        try
        {
            file.Save(temporary);
            info = info with { Hash = ModelHash.OfFolder(temporary), VocabularySize = Tokenizer.Load(temporary).VocabularySize };
            var final = Path.Combine(tokenizers, info.Hash);
            if (!Directory.Exists(final))
            {
                AtomicFile.MoveDirectory(temporary, final);
            }

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
}
