using System.Text.Json;
using ExperimentHub.Engine.Tokenizers.PostProcessors;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads the post-processor of <c>tokenizer.json</c>.</summary>
internal sealed class PostProcessorReader(JsonFile file, Vocabulary vocabulary)
{
    private readonly List<OffsetTrim> _trims = [];
    private TemplatePair? _templates;

    /// <summary>The frame of special tokens, and what is trimmed from places. One post-processor of a sequence may frame, any may trim.</summary>
    internal (TemplatePair Templates, IReadOnlyList<OffsetTrim> Trims) Read(JsonElement? element)
    {
        if (element is { } processor)
        {
            Add(processor);
        }

        return (_templates ?? TemplatePair.Bare, _trims);
    }

    private void Add(JsonElement processor)
    {
        var type = file.Text(processor, "type");
        switch (type)
        {
            case "BertProcessing":
                Frame(TemplatePair.Bert(ProcessorToken(processor, "cls"), ProcessorToken(processor, "sep")));
                break;
            case "RobertaProcessing":
                Trim(processor);
                Frame(TemplatePair.Roberta(ProcessorToken(processor, "cls"), ProcessorToken(processor, "sep")));
                break;
            case "TemplateProcessing":
                Frame(ReadTemplateProcessing(processor));
                break;
            case "ByteLevel":
                Trim(processor);
                break;
            case "Sequence":
                foreach (var step in file.List(processor, "processors"))
                {
                    Add(step);
                }

                break;
            default:
                throw file.Unknown("post-processor", type);
        }
    }

    private void Frame(TemplatePair templates) =>
        _templates = _templates is null ? templates : throw file.Unknown("post-processor", "Sequence with two frames of special tokens");

    private void Trim(JsonElement processor)
    {
        if (file.Flag(processor, "trim_offsets") ?? true)
        {
            _trims.Add(new OffsetTrim(file.Flag(processor, "add_prefix_space") ?? true));
        }
    }

    private int ProcessorToken(JsonElement processor, string field)
    {
        var pair = file.List(processor, field).ToList();
        return pair.Count == 2 && pair[0].ValueKind == JsonValueKind.String
            ? file.Id(pair[1], pair[0].GetString()!)
            : throw file.Wrong(field, "a token and its id");
    }

    private TemplatePair ReadTemplateProcessing(JsonElement processor)
    {
        var special = new Dictionary<string, IReadOnlyList<int>>();
        if (JsonFile.Member(processor, "special_tokens") is { ValueKind: JsonValueKind.Object } tokens)
        {
            foreach (var property in tokens.EnumerateObject())
            {
                var ids = file.List(property.Value, "ids").Select(v => file.Id(v, property.Name)).ToList();
                if (ids.FirstOrDefault(id => vocabulary.Token(id) is null, -1) is var outside and >= 0)
                {
                    throw new InputException(
                        $"{file.Name}: the template's token '{InputException.Quote(property.Name)}' has the id {outside}, which is not in the vocabulary.",
                        "tokenizer.template_id",
                        file.Name,
                        InputException.Quote(property.Name),
                        outside);
                }

                special[property.Name] = ids;
            }
        }

        var single = ReadTemplate(processor, "single", special);
        var pair = ReadTemplate(processor, "pair", special);
        if (single.Parts.Count(p => p.Sequence == 0) != 1 || single.Parts.Any(p => p.Sequence == 1))
        {
            throw file.Wrong("single", "a template with the text A once");
        }

        if (pair.Parts.Count(p => p.Sequence == 0) != 1 || pair.Parts.Count(p => p.Sequence == 1) != 1)
        {
            throw file.Wrong("pair", "a template with the texts A and B once each");
        }

        return new TemplatePair(single, pair);
    }

    private Template ReadTemplate(JsonElement processor, string field, Dictionary<string, IReadOnlyList<int>> special)
    {
        var parts = new List<TemplatePart>();
        foreach (var piece in file.List(processor, field))
        {
            if (JsonFile.Member(piece, "Sequence") is { } sequence)
            {
                var number = file.Text(sequence, "id") switch { "A" => 0, "B" => 1, _ => throw file.Wrong(field, "made of A and B") };
                parts.Add(new([], number, TypeId(sequence)));
            }
            else if (JsonFile.Member(piece, "SpecialToken") is { } token)
            {
                var name = file.Text(token, "id") ?? "";
                var ids = special.GetValueOrDefault(name) ?? throw new InputException(
                    $"{file.Name}: the template uses '{InputException.Quote(name)}', which its special_tokens do not define.",
                    "tokenizer.template_token",
                    file.Name,
                    InputException.Quote(name));
                parts.Add(new(ids, -1, TypeId(token)));
            }
            else
            {
                throw file.Wrong(field, "made of Sequence and SpecialToken");
            }
        }

        return new Template(parts);
    }

    private int TypeId(JsonElement part)
    {
        var type = file.Integer(part, "type_id") ?? 0;
        return type is >= 0 and <= byte.MaxValue ? type : throw file.Wrong("type_id", "between 0 and 255");
    }
}
