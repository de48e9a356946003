using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.ByteLevel;
using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Builds decoders from their entries in <c>tokenizer.json</c>.</summary>
internal sealed class DecoderReader(JsonFile file, ComponentReader components)
{
    private const int MostStripped = 1000;

    internal TokenDecoder Read(JsonElement? element)
    {
        if (element is not { } decoder)
        {
            return new SpaceDecoder();
        }

        var type = file.Text(decoder, "type");
        return type switch
        {
            "WordPiece" => new WordPieceDecoder(file.Text(decoder, "prefix") ?? "##", file.Flag(decoder, "cleanup") ?? true),
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Metaspace" => new MetaspaceDecoder(components.Character(decoder, "replacement"), components.Scheme(decoder) != PrependScheme.Never),
            "Replace" => new ReplaceDecoder(components.Pattern(decoder), components.Required(decoder, "content")),
            "Strip" => new StripDecoder(components.Character(decoder, "content"), Stripped(decoder, "start"), Stripped(decoder, "stop")),
            "BPEDecoder" => new BpeDecoder(file.Text(decoder, "suffix") ?? "</w>"),
            "CTC" => new CtcDecoder(
                file.Text(decoder, "pad_token") ?? "<pad>", file.Text(decoder, "word_delimiter_token") ?? "|", file.Flag(decoder, "cleanup") ?? true),
            "Sequence" => new SequenceDecoder([.. file.List(decoder, "decoders").Select(d => Read(d))]),
            _ => throw file.Unknown("decoder", type),
        };
    }

    private int Stripped(JsonElement decoder, string field)
    {
        var count = file.Integer(decoder, field) ?? 0;
        return count is >= 0 and <= MostStripped ? count : throw file.Wrong(field, $"between 0 and {MostStripped}");
    }
}
