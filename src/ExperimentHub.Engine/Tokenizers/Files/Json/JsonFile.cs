using System.Text.Json;
using System.Text.Unicode;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A stranger's JSON file: bounded, an object, and with an error that names the file whatever is wrong with it.</summary>
internal sealed class JsonFile : IDisposable
{
    private const long MaxBytes = 64L << 20;

    private const int MaxDepth = 64;

    private readonly JsonDocument _document;

    private JsonFile(string name, JsonDocument document)
    {
        Name = name;
        _document = document;
    }

    internal string Name { get; }

    internal JsonElement Root => _document.RootElement;

    internal static JsonFile? ReadIfPresent(string folder, string name) => File.Exists(Path.Combine(folder, name)) ? Read(folder, name) : null;

    internal static JsonFile Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var length = new FileInfo(path).Length;
        if (length > MaxBytes)
        {
            throw new InputException($"{name} has {length} bytes, more than any tokenizer needs; take the original file.", "tokenizer.too_large", name);
        }

        return Parse(name, File.ReadAllBytes(path));
    }

    internal static JsonFile Parse(string name, byte[] bytes)
    {
        try
        {
            CheckCharacters(name, bytes);
            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return new JsonFile(name, document);
            }

            document.Dispose();
            throw new InputException($"{name} is not a JSON object; take the original file.", "tokenizer.json", name);
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{name} is damaged: no valid JSON at line {e.LineNumber + 1}; take the original file.", "tokenizer.json_damaged", name, e.LineNumber + 1 ?? 0);
        }
    }

    internal InputException Wrong(string field, string expected) =>
        new($"{Name}: '{InputException.Quote(field)}' must be {expected}; take the original file.", "tokenizer.field", Name, field, expected);

    internal InputException Unknown(string what, string? type) =>
        new($"{Name}: the {what} '{InputException.Quote(type)}' is not supported.", "tokenizer.component", Name, what, InputException.Quote(type));

    /// <summary>The member <paramref name="field"/>, null if it is absent or null.</summary>
    internal static JsonElement? Member(JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    internal string? Text(JsonElement element, string field)
    {
        if (Member(element, field) is not { } member)
        {
            return null;
        }

        return member.ValueKind == JsonValueKind.String ? member.GetString() : throw Wrong(field, "a string");
    }

    internal bool? Flag(JsonElement element, string field) => Member(element, field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(field, "true or false"),
    };

    internal int? Integer(JsonElement element, string field)
    {
        if (Member(element, field) is not { } member)
        {
            return null;
        }

        return member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out var value) ? value : throw Wrong(field, "a whole number");
    }

    internal IEnumerable<JsonElement> List(JsonElement element, string field)
    {
        if (Member(element, field) is not { } member)
        {
            return [];
        }

        return member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : throw Wrong(field, "a list");
    }

    /// <summary>The id of a token: a whole number from 0 to <see cref="Vocabulary.MaxId"/>.</summary>
    internal int Id(JsonElement value, string token)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var id) || id < 0 || id > Vocabulary.MaxId)
        {
            throw new InputException(
                $"{Name}: the id of the token '{InputException.Quote(token)}' must be a whole number from 0 to {Vocabulary.MaxId}; take the original file.",
                "tokenizer.id",
                Name,
                InputException.Quote(token),
                Vocabulary.MaxId);
        }

        return (int)id;
    }

    public void Dispose() => _document.Dispose();

    /// <summary>Bytes that are not UTF-8 and escapes that are half of a surrogate pair pass as JSON, and throw wherever the text is asked for.</summary>
    private static void CheckCharacters(string name, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new InputException($"{name} is not UTF-8; take the original file.", "tokenizer.encoding", name);
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw new InputException(
                $"{name} has half of a surrogate pair at byte {reader.TokenStartIndex}, which is no character; take the original file.", "tokenizer.surrogate", name, reader.TokenStartIndex);
        }
    }
}
