using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExperimentHub.Engine;

/// <summary>
/// What a person should know though a data set or model can be used, in one sentence; a page says it in the reader's language by
/// <see cref="Code"/> (resource <c>Warning_{code}</c>, a format string over <see cref="Arguments"/>).
/// </summary>
[JsonConverter(typeof(WarningConverter))]
public sealed record Warning(string Code, string Message, params IReadOnlyList<object> Arguments)
{
    public override string ToString() => Message;
}

/// <summary>Models that were stored by the first version have a sentence alone where later ones have code and arguments too.</summary>
internal sealed class WarningConverter : JsonConverter<Warning>
{
    public override Warning Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new Warning("", reader.GetString()!);
        }

        var stored = JsonSerializer.Deserialize<Stored>(ref reader, options)!;
        return new Warning(stored.Code, stored.Message, [.. stored.Arguments]);
    }

    public override void Write(Utf8JsonWriter writer, Warning value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new Stored(value.Code, value.Message, [.. value.Arguments]), options);

    private sealed record Stored(string Code, string Message, object[] Arguments);
}
