namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Tokens and their ids, both ways.</summary>
internal sealed class Vocabulary
{
    /// <summary>No id is larger: a table by id must not be made huge by one entry.</summary>
    internal const int MaxId = 10_000_000;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, string> _tokens;

    internal Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _tokens = new Dictionary<int, string>(ids.Count);
        foreach (var (token, id) in ids)
        {
            _tokens[id] = token;
        }
    }

    /// <summary>Tokens in the order of their ids; of two that are equal the later id counts, and both mean the token.</summary>
    internal static Vocabulary Of(IEnumerable<string> tokens)
    {
        var vocabulary = new Vocabulary([]);
        foreach (var token in tokens)
        {
            vocabulary.Add(token, vocabulary._tokens.Count);
        }

        return vocabulary;
    }

    /// <summary>Distinct tokens.</summary>
    internal int Count => _ids.Count;

    internal IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    /// <summary>One more than the largest id.</summary>
    internal int NextId => _tokens.Count == 0 ? 0 : _tokens.Keys.Max() + 1;

    internal int? Find(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    internal string? Token(int id) => _tokens.GetValueOrDefault(id);

    internal void Add(string token, int id)
    {
        _ids[token] = id;
        _tokens[id] = token;
    }
}
