using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// The fields of a <c>config.json</c>, read with a sentence for each thing that can be wrong: not JSON, a field twice, a wrong type, a
/// number out of range. Fields that nobody asks for are never looked at.
/// </summary>
internal sealed class ConfigFields
{
    private const int MaxBytes = 16 << 20;

    private readonly string _file;
    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);

    private ConfigFields(string file, string path = "") => (_file, _path) = (file, path);

    /// <summary>All fields as the file has them, for writing what nobody asked for again; those that hold half a character cannot be written and are left out.</summary>
    public JsonObject Source => new(_fields.Where(f => Whole(() => JsonSerializer.Serialize(f.Value)) is not null).Select(f => KeyValuePair.Create(f.Key, JsonSerializer.SerializeToNode(f.Value))));

    /// <summary>Fields that were written here.</summary>
    public static ConfigFields Of(JsonObject json, string file = "config.json")
    {
        var fields = new ConfigFields(file);
        fields.Add(JsonSerializer.SerializeToElement(json));
        return fields;
    }

    /// <exception cref="InputException">The file is missing, too large, not UTF-8 or not one JSON object.</exception>
    public static ConfigFields Read(string folder, string file = "config.json")
    {
        var info = new FileInfo(Path.Combine(folder, file));
        if (!info.Exists)
        {
            throw new InputException($"The folder has no {file}; choose a model folder as Hugging Face writes it.", "config.missing", file);
        }

        if (info.Length > MaxBytes)
        {
            throw new InputException($"{file} has {info.Length} bytes; a model's configuration has a few thousand.", "config.too_large", file);
        }

        var bytes = File.ReadAllBytes(info.FullName).AsMemory();
        bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        var fields = new ConfigFields(file);
        try
        {
            if (!Utf8.IsValid(bytes.Span))
            {
                throw new InputException($"{file} is not UTF-8 text; save it as UTF-8.", "config.encoding", file);
            }

            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new InputException($"{file} is not a JSON object; export the model again.", "config.json", file);
            }

            fields.Add(json.RootElement);
            return fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException($"{file} is not valid JSON (nesting at most 64 deep, no comments); export the model again.", "config.json", file);
        }
    }

    /// <summary>Every field as it stands there, for readers with rules of their own.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values => _fields;

    public bool Has(string name) => _fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The fields of an object within; null when it is missing.</summary>
    public ConfigFields? Object(string name)
    {
        if (!Has(name))
        {
            return null;
        }

        if (_fields[name].ValueKind != JsonValueKind.Object)
        {
            throw Fault(name, "must be an object");
        }

        var inner = new ConfigFields(_file, _path + name + ".");
        inner.Add(_fields[name]);
        return inner;
    }

    public bool Flag(string name, bool whenMissing) =>
        !Has(name) ? whenMissing
        : _fields[name].ValueKind is JsonValueKind.True or JsonValueKind.False ? _fields[name].GetBoolean()
        : throw Fault(name, "must be true or false");

    public int Integer(string name, int min, int max, int whenMissing) =>
        !Has(name) ? whenMissing
        : _fields[name].ValueKind != JsonValueKind.Number ? throw Fault(name, "must be a whole number")
        : _fields[name].TryGetInt64(out var number) && number >= min && number <= max ? (int)number
        : throw Fault(name, $"must be a whole number from {min} to {max}, not {InputException.Quote(_fields[name].GetRawText(), 30)}");

    public double Number(string name, double min, double max, double whenMissing) =>
        !Has(name) ? whenMissing
        : _fields[name].ValueKind == JsonValueKind.Number && _fields[name].TryGetDouble(out var number) && number >= min && number <= max ? number
        : throw Fault(name, FormattableString.Invariant($"must be a number from {min} to {max}, not {InputException.Quote(_fields[name].GetRawText(), 30)}"));

    public string? Text(string name, string? whenMissing = null)
    {
        if (!Has(name))
        {
            return whenMissing;
        }

        return AsText(_fields[name]) ?? throw Fault(name, "must be text");
    }

    /// <summary>The value as it stands; null when missing.</summary>
    public JsonElement? Find(string name) => Has(name) ? _fields[name] : null;

    /// <summary>A list of texts; empty when missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (!Has(name))
        {
            return [];
        }

        return _fields[name].ValueKind == JsonValueKind.Array
            ? [.. _fields[name].EnumerateArray().Select(v => AsText(v) ?? throw Fault(name, "must be a list of texts"))]
            : throw Fault(name, "must be a list of texts");
    }

    /// <summary>A text, or a list of texts.</summary>
    public IReadOnlyList<string> TextOrTexts(string name) =>
        Has(name) && _fields[name].ValueKind == JsonValueKind.String ? [Text(name)!] : Texts(name);

    /// <summary>A list of whole numbers; empty when missing.</summary>
    public IReadOnlyList<int> Integers(string name, int min, int max)
    {
        if (!Has(name))
        {
            return [];
        }

        var expected = $"must be a list of whole numbers from {min} to {max}";
        return _fields[name].ValueKind == JsonValueKind.Array
            ? [.. _fields[name].EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var number) && number >= min && number <= max ? number : throw Fault(name, expected))]
            : throw Fault(name, expected);
    }

    /// <summary>A list of numbers; empty when missing.</summary>
    public IReadOnlyList<double> Numbers(string name, double min, double max)
    {
        if (!Has(name))
        {
            return [];
        }

        var expected = FormattableString.Invariant($"must be a list of numbers from {min} to {max}");
        return _fields[name].ValueKind == JsonValueKind.Array
            ? [.. _fields[name].EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number && v.TryGetDouble(out var number) && number >= min && number <= max ? number : throw Fault(name, expected))]
            : throw Fault(name, expected);
    }

    /// <summary>An object whose names are 0, 1, 2 … and whose values are different texts, as a list; null when missing.</summary>
    public IReadOnlyList<string>? NumberedTexts(string name)
    {
        if (!Has(name))
        {
            return null;
        }

        if (_fields[name].ValueKind != JsonValueKind.Object)
        {
            throw Fault(name, "must be an object from ids to labels");
        }

        var texts = new SortedDictionary<int, string>();
        foreach (var pair in _fields[name].EnumerateObject())
        {
            if (!int.TryParse(Whole(() => pair.Name), System.Globalization.NumberStyles.None, null, out var id) || AsText(pair.Value) is not { } text || !texts.TryAdd(id, text))
            {
                throw Fault(name, "must give each id one label, which is text");
            }
        }

        if (texts.Count > 0 && texts.Keys.Last() != texts.Count - 1)
        {
            throw Fault(name, $"must number its {texts.Count} labels from 0 without a gap");
        }

        var twice = texts.Values.GroupBy(t => t, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? [.. texts.Values] : throw Fault(name, $"gives the label {InputException.Quote(twice.Key)} to two ids; give each its own");
    }

    public InputException Fault(string name, string what) =>
        new($"{_file}: {InputException.Quote(_path + name)} {what}.", "config.field", _file, InputException.Quote(_path + name), what);

    private void Add(JsonElement whole)
    {
        foreach (var property in whole.EnumerateObject())
        {
            var name = Whole(() => property.Name) ?? throw Fault("\uFFFD", "is a name that holds half a character; export the model again");
            if (!_fields.TryAdd(name, property.Value.Clone()))
            {
                throw Fault(name, "stands twice; keep the right one");
            }
        }
    }

    /// <summary>Null when it is no text, or holds half a character.</summary>
    private static string? AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? Whole(value.GetString) : null;

    /// <summary>Null when the text holds half a character (an escaped lone surrogate), which passes as JSON and throws when it is asked for.</summary>
    private static string? Whole(Func<string?> text)
    {
        try
        {
            return text();
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            return null;
        }
    }
}
