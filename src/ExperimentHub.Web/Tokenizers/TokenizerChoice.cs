namespace ExperimentHub.Web.Tokenizers;

/// <summary>A tokenizer that a page can count or show tokens with: a model's, or one that was trained by itself.</summary>
/// <param name="Key">How an address names it: a model's id, or <c>t</c> and the id of a trained one.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Hash">Content hash of its folder.</param>
/// <param name="Address">The page about it.</param>
public sealed record TokenizerChoice(string Key, string Name, string Hash, string Address)
{
    /// <summary>Trained by itself, not a model's.</summary>
    public bool IsTrained => Key.StartsWith('t');
}
