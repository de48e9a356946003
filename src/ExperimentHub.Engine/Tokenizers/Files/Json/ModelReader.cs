using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Builds the model and its vocabulary from their entry in <c>tokenizer.json</c>.</summary>
internal sealed class ModelReader(JsonFile file)
{
    private const int MaxCharsPerWordLimit = 100_000;

    /// <summary>The vocabulary is the model's own: added tokens come to it later.</summary>
    internal (TokenModel Model, Vocabulary Vocabulary) Read(JsonElement model)
    {
        var type = TypeOf(model);
        if (type == "Unigram")
        {
            return Unigram(model);
        }

        if (type is not ("WordPiece" or "BPE" or "WordLevel"))
        {
            throw file.Unknown("model", type);
        }

        var ids = ReadIds(model);
        return (type switch
        {
            "WordPiece" => WordPiece(model, ids),
            "BPE" => Bpe(model, ids),
            _ => new WordLevelModel(ids, file.Text(model, "unk_token") is { } unknown && ids.TryGetValue(unknown, out var id) ? id : null),
        }, new Vocabulary(new(ids)));
    }

    /// <summary>Reads merges, <c>["a", "b"]</c> or <c>"a b"</c> each.</summary>
    internal static MergeRanks Merges(string fileName, IReadOnlyList<(string Left, string Right)> merges, Dictionary<string, int> ids, string prefix)
    {
        var ranks = new MergeRanks(merges.Count);
        var byText = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> joined = stackalloc char[256];
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            var rest = right.AsSpan(Math.Min(right.Length, prefix.Length));
            var length = left.Length + rest.Length;
            var text = length <= joined.Length ? joined[..length] : new char[length];
            left.CopyTo(text);
            rest.CopyTo(text[left.Length..]);
            if (!ids.TryGetValue(left, out var leftId) || !ids.TryGetValue(right, out var rightId) || !byText.TryGetValue(text, out var id))
            {
                var missing = !ids.ContainsKey(left) ? left : !ids.ContainsKey(right) ? right : text.ToString();
                throw new InputException(
                    $"{fileName}: merge {rank + 1} needs the token '{InputException.Quote(missing)}', which is not in the vocabulary; take the original files.",
                    "tokenizer.merge_token",
                    fileName,
                    rank + 1,
                    InputException.Quote(missing));
            }

            ranks.Add(leftId, rightId, rank, id);
        }

        return ranks;
    }

    internal static InputException WrongMerge(string fileName, int number) => new(
        $"{fileName}: merge {number} of merges is not two tokens with a space between them; take the original file.", "tokenizer.merge", fileName, number);

    /// <summary>Older files name no type; theirs is known by its fields.</summary>
    private string TypeOf(JsonElement model) =>
        file.Text(model, "type")
        ?? (JsonFile.Member(model, "merges") is not null ? "BPE"
            : JsonFile.Member(model, "max_input_chars_per_word") is not null || JsonFile.Member(model, "continuing_subword_prefix") is not null ? "WordPiece"
            : JsonFile.Member(model, "vocab") is { ValueKind: JsonValueKind.Array } ? "Unigram" : "WordLevel");

    private Dictionary<string, int> ReadIds(JsonElement model)
    {
        if (JsonFile.Member(model, "vocab") is not { ValueKind: JsonValueKind.Object } vocab)
        {
            throw file.Wrong("vocab", "an object of tokens and ids");
        }

        return VocabularyJson.Read(file, vocab);
    }

    private WordPieceModel WordPiece(JsonElement model, Dictionary<string, int> ids)
    {
        var unknown = file.Text(model, "unk_token") ?? "[UNK]";
        var longest = file.Integer(model, "max_input_chars_per_word") ?? 100;
        if (longest is < 1 or > MaxCharsPerWordLimit)
        {
            throw file.Wrong("max_input_chars_per_word", $"between 1 and {MaxCharsPerWordLimit}");
        }

        var unknownId = ids.TryGetValue(unknown, out var id) ? id : throw TokenizerFolder.MissingToken(file.Name, unknown);
        return new WordPieceModel(ids, unknownId, file.Text(model, "continuing_subword_prefix") ?? "##", longest);
    }

    private BpeModel Bpe(JsonElement model, Dictionary<string, int> ids)
    {
        if (JsonFile.Member(model, "dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var rate) && rate is >= 0 and <= 1))
        {
            throw file.Wrong("dropout", "null or between 0 and 1");
        }

        var options = new BpeOptions
        {
            UnknownToken = file.Text(model, "unk_token"),
            Prefix = file.Text(model, "continuing_subword_prefix") ?? "",
            Suffix = file.Text(model, "end_of_word_suffix") ?? "",
            FuseUnknown = file.Flag(model, "fuse_unk") ?? false,
            ByteFallback = file.Flag(model, "byte_fallback") ?? false,
            IgnoreMerges = file.Flag(model, "ignore_merges") ?? false,
        };
        var merges = file.List(model, "merges").Select((m, i) => Merge(m, i + 1)).ToList();
        return new BpeModel(ids, Merges(file.Name, merges, ids, options.Prefix), options);
    }

    private (string Left, string Right) Merge(JsonElement merge, int number)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
        {
            return (merge[0].GetString()!, merge[1].GetString()!);
        }

        var text = merge.ValueKind == JsonValueKind.String ? merge.GetString()! : "";
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space >= 0 && space == text.LastIndexOf(' ') ? (text[..space], text[(space + 1)..]) : throw WrongMerge(file.Name, number);
    }

    private (TokenModel Model, Vocabulary Vocabulary) Unigram(JsonElement model)
    {
        var pieces = new List<(string Token, double Score)>();
        foreach (var entry in file.List(model, "vocab"))
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String ||
                entry[1].ValueKind != JsonValueKind.Number || !entry[1].TryGetDouble(out var score))
            {
                throw file.Wrong("vocab", "a list of tokens and scores");
            }

            pieces.Add((entry[0].GetString()!, score));
        }

        if (pieces.Count is 0 or > Vocabulary.MaxId)
        {
            throw file.Wrong("vocab", "a list with at least one token");
        }

        var unknown = file.Integer(model, "unk_id");
        if (unknown is { } id && (id < 0 || id >= pieces.Count))
        {
            throw file.Wrong("unk_id", $"between 0 and {pieces.Count - 1}, the ids of the vocabulary");
        }

        return (new UnigramModel(pieces, unknown, file.Flag(model, "byte_fallback") ?? false), Vocabulary.Of(pieces.Select(p => p.Token)));
    }
}
