using System.Text.Json;
using ExperimentHub.Engine.Chat;

namespace ExperimentHub.Engine.Tests.Chat;

public sealed class ChatTemplateTests
{
    private const string ChatMl =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% generation %}{{ m.content | trim }}{% endgeneration %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    [Fact]
    public void Render_WritesTypedMessages()
    {
        var chat = ChatTemplate.Parse(ChatMl).Render(ChatRequest.Of(new ChatMessage("user", "😀 Hi ")) with { AddGenerationPrompt = true });

        Assert.Equal("<|im_start|>user\n😀 Hi<|im_end|>\n<|im_start|>assistant\n", chat.Text);
        Assert.Equal([new GenerationSpan(17, 22)], chat.Spans);
        Assert.Equal([new GenerationSpan(17, 21)], chat.CodePointSpans);
    }

    [Fact]
    public void Render_DropsNullsAndCopiesReasoning()
    {
        var request = Request("""[{"role":"assistant","content":null,"reasoning":"why"}]""");

        var chat = ChatTemplate.Parse("{{ messages }}{{ tools is none }}{{ documents is defined }}{{ bos_token is defined }}").Render(request);

        Assert.Equal("[{'thinking': 'why', 'role': 'assistant', 'reasoning': 'why', 'reasoning_content': 'why'}]TrueTrueFalse", chat.Text);
    }

    [Fact]
    public void Render_EndsWithinTheLastMessage()
    {
        var request = Request("""[{"role":"user","content":"a"},{"role":"assistant","content":"1, 2, "}]""") with { ContinueFinalMessage = true };

        Assert.EndsWith("assistant\n1, 2,", ChatTemplate.Parse(ChatMl).Render(request).Text, StringComparison.Ordinal);
        Assert.Equal("1, 2, ", ChatTemplate.Parse("{{ messages[-1].content }}!").Render(request).Text);
        Assert.Equal("chat.lost_final", Assert.Throws<InputException>(() => ChatTemplate.Parse("content").Render(request)).Code);
    }

    [Fact]
    public void Render_SaysWhatTheTemplateSays()
    {
        var template = ChatTemplate.Parse("{{ raise_exception('Only user turns,\nplease!') }}");

        var refusal = Assert.Throws<InputException>(() => template.Render(ChatRequest.Of(new ChatMessage("user", "a"))));

        Assert.Equal(("chat_template.raised", "The chat template refuses this conversation: Only user turns, please!"), (refusal.Code, refusal.Message));
        Assert.Equal("Only user turns,\nplease!", refusal.Arguments[0]);
    }

    [Fact]
    public void Parse_NamesTheFileAndTheLine()
    {
        var refusal = Assert.Throws<InputException>(() => ChatTemplate.Parse("a\n{% if x %}", "tokenizer_config.json"));

        Assert.Contains("tokenizer_config.json", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("line 2: Unexpected end of template", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TakesFilesBeforeTheConfiguration()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json", """
            {"chat_template":[{"name":"default","template":"config"},{"name":"rag","template":"{{ eos_token }}"}],
            "eos_token":{"content":"</s>","special":true},"image_token":"<img>","add_bos_token":true}
            """);
        var request = ChatRequest.Of(new ChatMessage("user", "a"));
        var tools = request with { Tools = JsonSerializer.Deserialize<JsonElement>("[{}]") };

        var fromConfig = ChatTemplates.Load(folder.Path)!;
        folder.Write("chat_template.jinja", "{{ image_token }}");
        folder.Write("additional_chat_templates/tool_use.jinja", "with tools");
        var fromFiles = ChatTemplates.Load(folder.Path)!;

        Assert.Equal(("config", "</s>"), (fromConfig.Render(request).Text, fromConfig.Render(request, "rag").Text));
        Assert.Equal(("<img>", "with tools"), (fromFiles.Render(request).Text, fromFiles.Render(tools).Text));
        Assert.Equal("chat_template.name", Assert.Throws<InputException>(() => fromFiles.Render(request, "rag")).Code);
    }

    [Fact]
    public void Load_FindsNothingWhereThereIsNothing()
    {
        using var folder = new TemporaryFolder();

        Assert.Null(ChatTemplates.Load(folder.Path));
    }

    private static ChatRequest Request(string messages) => new() { Messages = JsonSerializer.Deserialize<JsonElement>(messages) };

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("experimenthub-chat-").FullName;

        public void Write(string name, string text)
        {
            var file = System.IO.Path.Combine(Path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
