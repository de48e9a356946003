using ExperimentHub.Engine.Chat.Jinja;

namespace ExperimentHub.Engine.Chat;

/// <summary>
/// The chat template of a model: turns a conversation into the text that the model was trained on, exactly as transformers 5 does it.
/// A template is a stranger's program, and is kept in a sandbox with limits that depend on nothing but the template and its input.
/// Safe to use from any number of threads.
/// </summary>
public sealed class ChatTemplate
{
    private readonly Template _template;

    private ChatTemplate(Template template, string name)
    {
        _template = template;
        Name = name;
    }

    /// <summary>Where it comes from, for messages: the name of its file, and its own if the model has several.</summary>
    public string Name { get; }

    /// <summary>The Jinja text.</summary>
    public string Source => _template.Source;

    /// <exception cref="InputException">The text is no Jinja template; the message names the line.</exception>
    public static ChatTemplate Parse(string source, string name = "chat_template.jinja")
    {
        try
        {
            return new ChatTemplate(new Template(source), name);
        }
        catch (TemplateFault fault)
        {
            throw new InputException(
                $"The chat template in {name} cannot be read: line {fault.Line}: {Sentence(fault)}; correct the template.",
                "chat_template.syntax",
                name,
                fault.Line,
                Sentence(fault));
        }
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="clock">For templates that write the date of today; null for the clock of the machine.</param>
    /// <exception cref="InputException">The template refuses the conversation, or cannot cope with it; the message names the line.</exception>
    public RenderedChat Render(ChatRequest request, TimeProvider? clock = null)
    {
        try
        {
            var input = new ChatVariables(request, _template.Source);
            var (text, spans) = _template.Render(input.Variables, input.Length, (clock ?? TimeProvider.System).GetLocalNow().DateTime);
            return RenderedChat.Of(input.Final is null ? text : input.Final.Cut(text), input.Final is null ? spans : []);
        }
        catch (TemplateFault fault)
        {
            throw Refusal(fault);
        }
    }

    private InputException Refusal(TemplateFault fault) => fault.Kind switch
    {
        // The sentence is the template's own; the whole of it goes along for programs.
        FaultKind.Raised => new(
            $"The chat template refuses this conversation: {InputException.Quote(fault.Message, 400)}", "chat_template.raised", fault.Message),
        FaultKind.Limit => new(
            $"The chat template in {Name} was stopped in line {fault.Line}: {Sentence(fault)}; take another template.", "chat_template.limit", Name, fault.Line, Sentence(fault)),
        _ => new(
            $"The chat template in {Name} does not fit this conversation: line {fault.Line}: {Sentence(fault)}; correct the template or the messages.",
            "chat_template.render",
            Name,
            fault.Line,
            Sentence(fault)),
    };

    private static string Sentence(TemplateFault fault) => InputException.Quote(fault.Message, 300).TrimEnd('.');
}
