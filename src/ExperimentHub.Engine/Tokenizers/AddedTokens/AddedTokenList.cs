namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Gathers the added tokens of a tokenizer made of older files: each takes its id from the vocabulary, or the next free one.</summary>
internal sealed class AddedTokenList(Vocabulary vocabulary, string fileName)
{
    private readonly HashSet<string> _contents = [];

    internal List<AddedToken> Tokens { get; } = [];

    /// <summary>Tokens that the settings name with an id; they come before all others.</summary>
    internal void AddConfigured(TokenizerSettings settings)
    {
        foreach (var token in settings.AddedTokens)
        {
            TokenizerJson.Join(fileName, vocabulary, token.Content, token.Id);
            Take(token);
        }
    }

    internal void Add(AddedToken? token)
    {
        if (token is not { Content.Length: > 0 } || _contents.Contains(token.Content))
        {
            return;
        }

        var id = vocabulary.Find(token.Content) ?? vocabulary.NextId;
        vocabulary.Add(token.Content, id);
        Take(token with { Id = id });
    }

    /// <summary>The token of a role as the settings write it, or by custom; with <paramref name="custom"/> null only if they do.</summary>
    internal void AddRole(TokenizerSettings settings, string role, string? custom, bool leftStrip = false)
    {
        var token = settings.Role(role) ?? (custom is null ? null : new AddedToken(custom, -1) { Special = true });
        Add(token is null || !leftStrip ? token : token with { LeftStrip = true });
    }

    private void Take(AddedToken token)
    {
        if (_contents.Add(token.Content))
        {
            Tokens.Add(token);
        }
    }
}
