using System.Text.Json;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads an object of tokens and ids: the vocabulary in <c>tokenizer.json</c>, or the whole of <c>vocab.json</c>.</summary>
internal static class VocabularyJson
{
    internal static Dictionary<string, int> Read(JsonFile file, JsonElement vocab)
    {
        var ids = new Dictionary<string, int>();
        var owners = new Dictionary<int, string>();
        foreach (var property in vocab.EnumerateObject())
        {
            var token = property.Name;
            var id = file.Id(property.Value, token);
            if (!ids.TryAdd(token, id))
            {
                throw new InputException(
                    $"{file.Name}: the token '{InputException.Quote(token)}' stands twice in the vocabulary; take the original file.",
                    "tokenizer.token_twice",
                    file.Name,
                    InputException.Quote(token));
            }

            if (!owners.TryAdd(id, token))
            {
                throw new InputException(
                    $"{file.Name}: the tokens '{InputException.Quote(owners[id])}' and '{InputException.Quote(token)}' both have the id {id}; take the original file.",
                    "tokenizer.id_twice",
                    file.Name,
                    InputException.Quote(token),
                    id);
            }
        }

        return ids.Count > 0 ? ids : throw file.Wrong("vocab", "an object with at least one token");
    }
}
