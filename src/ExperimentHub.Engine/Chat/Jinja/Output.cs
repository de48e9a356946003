using System.Text;

namespace ExperimentHub.Engine.Chat.Jinja;

/// <summary>A text that grows while a template renders.</summary>
internal sealed class Output(Budget budget)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public void Append(string text)
    {
        budget.Text(text.Length);
        budget.CheckLength(_text.Length + (long)text.Length);
        _text.Append(text);
    }

    public override string ToString() => _text.ToString();
}
