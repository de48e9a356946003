using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>The table of families and heads in the docs is that of the code.</summary>
public sealed class FamilyTableTests
{
    private static readonly (ModelHead Head, string Name)[] s_heads =
    [
        (ModelHead.SequenceClassification, "sequence classification"),
        (ModelHead.TokenClassification, "token classification"),
        (ModelHead.QuestionAnswering, "question answering"),
        (ModelHead.MaskedLanguageModel, "masked words"),
        (ModelHead.NextSentence, "next sentence"),
        (ModelHead.Pretraining, "words and next sentence"),
        (ModelHead.ReplacedTokens, "replaced tokens"),
        (ModelHead.CausalLanguageModel, "next word"),
        (ModelHead.ConditionalGeneration, "text to text"),
    ];

    [Fact]
    public void Docs_HoldTheTableOfTheCode()
    {
        var file = Path.Combine(Root(), "docs", "families.md");
        var text = File.ReadAllText(file);
        var begin = text.IndexOf("| `model_type`", StringComparison.Ordinal);
        var table = Table();
        if (Environment.GetEnvironmentVariable("EXPERIMENTHUB_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, text[..begin] + table);
        }

        Assert.Equal(table, text[begin..]);
    }

    [Fact]
    public void Heads_AreAllInTheTable() => Assert.Equal(Enum.GetValues<ModelHead>().Except([ModelHead.None]).Order(), s_heads.Select(h => h.Head).Order());

    private static string Table()
    {
        var table = new StringBuilder($"| `model_type` | classes | kind | {string.Join(" | ", s_heads.Select(h => h.Name))} |\n|");
        table.Append(string.Concat(Enumerable.Repeat("---|", 3 + s_heads.Length))).Append('\n');
        foreach (var family in ModelFamily.All.OrderBy(f => f.Type, StringComparer.Ordinal))
        {
            var heads = s_heads.Select(h => family.Heads.Values.Contains(h.Head) ? "x" : "");
            table.Append(CultureInfo.InvariantCulture, $"| `{family.Type}` | `{family.ClassPrefix}…` | {family.Kind} | {string.Join(" | ", heads)} |\n");
        }

        return table.ToString();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExperimentHub.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
