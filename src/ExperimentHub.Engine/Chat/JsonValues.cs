using System.Globalization;
using System.Numerics;
using System.Text.Json;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat;

/// <summary>JSON as values of a template: keys in their order, integers apart from floats.</summary>
internal sealed class JsonValues
{
    private const int MaxDigits = 4300;

    private readonly Dictionary<string, StrValue> _keys = [];

    /// <summary>How many characters and values were converted.</summary>
    public long Length { get; private set; }

    public StrValue Text(string text)
    {
        Length += text.Length + 1;
        return StrValue.Of(text);
    }

    public Value Convert(JsonElement json)
    {
        Length++;
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return Text(Read(json));
            case JsonValueKind.Number:
                return Number(json.GetRawText());
            case JsonValueKind.True:
                return BoolValue.True;
            case JsonValueKind.False:
                return BoolValue.False;
            case JsonValueKind.Array:
                return new ListValue([.. json.EnumerateArray().Select(Convert)]);
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (var member in json.EnumerateObject())
                {
                    dict.Set(Key(member.Name), Convert(member.Value));
                }

                return dict;
            default:
                return NoneValue.None;
        }
    }

    private static string Read(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InputException("The conversation has half of a surrogate pair, which is no character; remove it.", "chat.surrogate");
        }
    }

    private static Value Number(string text)
    {
        if (text.AsSpan().IndexOfAny(".eE") >= 0)
        {
            return new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        return text.Length <= MaxDigits
            ? IntValue.Of(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : throw new InputException($"The conversation has a number of more than {MaxDigits} digits.", "chat.number", MaxDigits);
    }

    /// <summary>Messages repeat the same few keys.</summary>
    private StrValue Key(string name)
    {
        Length += name.Length;
        if (!_keys.TryGetValue(name, out var key))
        {
            key = StrValue.Of(name);
            _keys[name] = key;
        }

        return key;
    }
}
