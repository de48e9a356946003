using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Chat.Jinja;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Chat;

/// <summary>Finds the chat templates and special tokens in a Hugging Face folder, as transformers 5 does.</summary>
internal static class ChatTemplateFolder
{
    private const string ConfigFile = "tokenizer_config.json";
    private const string MapFile = "special_tokens_map.json";
    private const string TemplateFile = "chat_template.jinja";
    private const string MoreFolder = "additional_chat_templates";
    private const string TemplateField = "chat_template";
    private const int MaxTemplates = 50;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] s_roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static ChatTemplates? Read(string folder)
    {
        using var config = JsonFile.ReadIfPresent(folder, ConfigFile);
        var templates = Files(folder);
        if (templates.Count == 0 && config is not null)
        {
            templates = InConfig(config);
        }

        return templates.Count == 0 ? null : new ChatTemplates(templates, SpecialTokens(folder, config));
    }

    /// <summary>Templates in files of their own count before those in the configuration.</summary>
    private static Dictionary<string, ChatTemplate> Files(string folder)
    {
        var templates = new Dictionary<string, ChatTemplate>();
        if (File.Exists(Path.Combine(folder, TemplateFile)))
        {
            templates[ChatTemplates.DefaultName] = ReadFile(folder, TemplateFile);
        }

        var more = Path.Combine(folder, MoreFolder);
        if (Directory.Exists(more))
        {
            foreach (var file in Directory.EnumerateFiles(more, "*.jinja").Order(StringComparer.Ordinal))
            {
                CheckCount(templates.Count);
                templates[Path.GetFileNameWithoutExtension(file)] = ReadFile(folder, $"{MoreFolder}/{Path.GetFileName(file)}");
            }
        }

        return templates;
    }

    private static ChatTemplate ReadFile(string folder, string name)
    {
        var shown = InputException.Quote(name);
        var path = Path.Combine(folder, name);
        if (new FileInfo(path).Length > 4L * Template.MaxLength)
        {
            throw new InputException($"{shown} is larger than any chat template; take the original file.", "chat_template.too_large", shown);
        }

        try
        {
            // A mark at the beginning of the file is text to transformers, and so it is here.
            return ChatTemplate.Parse(s_strict.GetString(File.ReadAllBytes(path)), shown);
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{shown} is not UTF-8; take the original file.", "chat_template.encoding", shown);
        }
    }

    /// <summary>A text, or a list of named ones.</summary>
    private static Dictionary<string, ChatTemplate> InConfig(JsonFile config)
    {
        var templates = new Dictionary<string, ChatTemplate>();
        switch (JsonFile.Member(config.Root, TemplateField))
        {
            case null:
                break;
            case { ValueKind: JsonValueKind.String } text:
                templates[ChatTemplates.DefaultName] = ChatTemplate.Parse(text.GetString()!, ConfigFile);
                break;
            case { ValueKind: JsonValueKind.Array } list:
                foreach (var item in list.EnumerateArray())
                {
                    CheckCount(templates.Count);
                    if (item.ValueKind != JsonValueKind.Object || config.Text(item, "name") is not { } name || config.Text(item, "template") is not { } template)
                    {
                        throw config.Wrong(TemplateField, "a text or a list of objects with 'name' and 'template'");
                    }

                    templates[name] = ChatTemplate.Parse(template, $"{ConfigFile} ({InputException.Quote(name, 30)})");
                }

                break;
            default:
                throw config.Wrong(TemplateField, "a text or a list of objects with 'name' and 'template'");
        }

        return templates;
    }

    private static void CheckCount(int count)
    {
        if (count >= MaxTemplates)
        {
            throw new InputException($"The model has more than {MaxTemplates} chat templates; remove some.", "chat_template.too_many", MaxTemplates);
        }
    }

    /// <summary>Older folders keep the tokens in a file of their own; it counts only where the configuration does not list its added tokens.</summary>
    private static Dictionary<string, string> SpecialTokens(string folder, JsonFile? config)
    {
        var tokens = new Dictionary<string, string>();
        if (config is not null)
        {
            Add(tokens, config);
        }

        if (config is null || JsonFile.Member(config.Root, "added_tokens_decoder") is null)
        {
            using var map = JsonFile.ReadIfPresent(folder, MapFile);
            if (map is not null)
            {
                Add(tokens, map);
            }
        }

        return tokens;
    }

    private static void Add(Dictionary<string, string> tokens, JsonFile file)
    {
        foreach (var field in file.Root.EnumerateObject())
        {
            if (field.Name.EndsWith("_token", StringComparison.Ordinal) && Content(field.Value) is { } token
                && (field.Value.ValueKind == JsonValueKind.String || s_roles.Contains(field.Name)))
            {
                tokens[field.Name] = token;
            }
        }

        if (JsonFile.Member(file.Root, "extra_special_tokens") is { ValueKind: JsonValueKind.Object } extra)
        {
            foreach (var field in extra.EnumerateObject())
            {
                if (Content(field.Value) is { } token)
                {
                    tokens[field.Name] = token;
                }
            }
        }
    }

    /// <summary>A token stands there as a text, or as an object with its settings.</summary>
    private static string? Content(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()
        : JsonFile.Member(value, "content") is { ValueKind: JsonValueKind.String } content ? content.GetString()
        : null;
}
