using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>A macro with the variables that it sees: those of the place where it is defined, and none that a scoped block adds for its own.</summary>
internal sealed class MacroValue(MacroBody body, Run context, Scope definition) : CallableValue
{
    public string? Name => body.Name;

    public MacroBody Body => body;

    public override string TypeName => "Macro";

    public override string ObjectName => "jinja2.runtime.Macro object";

    public override Value Call(Run run, Arguments arguments) => body.Call(context, definition, arguments);
}

/// <summary>The variable <c>self</c>: <c>self.name()</c> renders a block again.</summary>
internal sealed class SelfValue : Value
{
    public override string TypeName => "TemplateReference";

    public override string ObjectName => "jinja2.runtime.TemplateReference object";
}
