using ExperimentHub.Engine.Configuration;

namespace ExperimentHub.Engine.Datasets;

/// <summary>Guesses what each column is for, from its name and what it holds.</summary>
internal sealed class RoleGuess
{
    private static readonly string[] s_textNames =
    [
        "text", "sentence", "sentence1", "review", "content", "comment", "premise", "question1", "question", "query", "tweet", "message", "body", "document", "title",
        "文本", "内容", "评论", "句子", "正文", "评价", "标题",
    ];

    private static readonly string[] s_pairNames =
        ["text_pair", "text2", "sentence2", "question2", "hypothesis", "text_b", "passage", "answer", "句子2", "文本2"];

    private static readonly string[] s_labelNames =
        ["label", "labels", "class", "category", "sentiment", "target", "polarity", "tag", "gold_label", "intent", "stars", "rating", "标签", "类别", "情感", "分类"];

    private static readonly string[] s_splitNames = ["split", "set", "subset", "fold", "划分"];

    private readonly IReadOnlyList<ColumnProfile> _columns;
    private readonly Dictionary<ColumnProfile, (string Role, Guess Why)> _roles = [];

    private RoleGuess(IReadOnlyList<ColumnProfile> columns) => _columns = columns;

    internal string? Text => Of(ColumnRoles.Text);

    internal string? TextPair => Of(ColumnRoles.TextPair);

    internal string? Label => Of(ColumnRoles.Label);

    internal string? Split => Of(ColumnRoles.Split);

    internal List<Warning> Warnings { get; } = [];

    internal (string Role, Guess Why) this[ColumnProfile column] => _roles[column];

    internal static RoleGuess Of(IReadOnlyList<ColumnProfile> columns, DatasetImport chosen)
    {
        var guess = new RoleGuess(columns);
        guess.Take(ColumnRoles.None, chosen.LeaveOut);
        guess.TakeChosen(ColumnRoles.Text, chosen.TextColumn);
        guess.TakeChosen(ColumnRoles.TextPair, chosen.TextPairColumn);
        guess.TakeChosen(ColumnRoles.Label, chosen.LabelColumn);
        guess.TakeChosen(ColumnRoles.Split, chosen.Split is { Kind: "column" } split ? split.Column ?? "" : null);
        if (chosen.Split is null)
        {
            guess.GuessSplit();
        }

        if (chosen.LabelColumn is null)
        {
            guess.GuessLabel();
        }

        if (chosen.TextColumn is null)
        {
            guess.GuessText();
        }

        if (chosen.TextPairColumn is null)
        {
            guess.GuessPair();
        }

        foreach (var column in columns)
        {
            guess._roles.TryAdd(column, (ColumnRoles.Other, Describe(column)));
        }

        return guess;
    }

    internal Guess Task => Label is not null && Text is not null
        ? new(TaskNames.SequenceClassification, "task_classification", $"One column of text, one with {_columns.First(c => c.Name == Label).Values?.Count} values.", [_columns.First(c => c.Name == Label).Values?.Count ?? 0])
        : new(TaskNames.SequenceClassification, "task_unclear", "No column of labels was found; choose one.", []);

    private string? Of(string role) => _roles.Where(r => r.Value.Role == role).Select(r => r.Key.Name).FirstOrDefault();

    private void Take(string role, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (_columns.FirstOrDefault(c => c.Name == name) is not { } column)
            {
                throw new InputException(
                    $"There is no column '{InputException.Quote(name)}'; the file has {string.Join(", ", _columns.Take(10).Select(c => InputException.Quote(c.Name, 30)))}.",
                    "dataset.column",
                    InputException.Quote(name));
            }

            if (!_roles.TryAdd(column, (role, new Guess(role, "chosen", "Chosen by hand.", []) { Found = false })))
            {
                throw new InputException($"The column '{InputException.Quote(name)}' is chosen for two things; choose another for one of them.", "dataset.column_twice", InputException.Quote(name));
            }
        }
    }

    private void TakeChosen(string role, string? name) => Take(role, string.IsNullOrEmpty(name) ? [] : [name]);

    private IEnumerable<ColumnProfile> Free => _columns.Where(c => !_roles.ContainsKey(c));

    private ColumnProfile? Named(string[] names, Func<ColumnProfile, bool> fits) =>
        names.Select(n => Free.FirstOrDefault(c => string.Equals(c.Name.Trim(), n, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(c => c is not null && fits(c));

    private void GuessSplit()
    {
        if (Named(s_splitNames, c => c.Values is { Count: >= 2 and <= 6 } values && values.Keys.All(v => SplitColumn.IndexOf(v) >= 0)) is { } column)
        {
            _roles[column] = (ColumnRoles.Split, new Guess(ColumnRoles.Split, "role_split", "It says which rows are for training and which for tests.", []));
        }
    }

    private void GuessLabel()
    {
        var byName = Named(s_labelNames, _ => true);
        if (byName is { Values: null })
        {
            var name = InputException.Quote(byName.Name);
            Warnings.Add(new("many_labels", $"The column '{name}' has too many different values to be labels.", [name]));
            byName = null;
        }

        var column = byName ?? Free
            .Where(c => c.Values is { Count: >= 2 and <= 50 } values && c.MeanLength <= 30 && c.Cells >= values.Count * 4L && c.Type != ColumnTypes.Number)
            .OrderBy(c => c.Values!.Count).FirstOrDefault();
        if (column is not null)
        {
            var count = column.Values!.Count;
            _roles[column] = (ColumnRoles.Label, byName is not null
                ? new Guess(ColumnRoles.Label, "role_label_name", $"Its name says so; {count} different values.", [count])
                : new Guess(ColumnRoles.Label, "role_label_values", $"Only {count} different values.", [count]));
        }
    }

    private void GuessText()
    {
        var byName = Named(s_textNames, c => c.Type == ColumnTypes.Text);
        var column = byName ?? Free.Where(c => c.Type == ColumnTypes.Text && c.Cells > 0).MaxBy(c => c.MeanLength);
        if (column is not null)
        {
            _roles[column] = (ColumnRoles.Text, byName is not null
                ? new Guess(ColumnRoles.Text, "role_text_name", "Its name says so.", [])
                : new Guess(ColumnRoles.Text, "role_text_longest", "It holds the longest texts.", []));
        }
    }

    private void GuessPair()
    {
        // A pair needs two columns that belong together by their names; two texts in a file may be anything.
        var text = Text;
        if (text is not null && Named(s_pairNames, c => c.Type == ColumnTypes.Text) is { } column &&
            (text.EndsWith('1') || text.EndsWith("_a", StringComparison.OrdinalIgnoreCase) || text.ToLowerInvariant() is "premise" or "text" or "question" or "query"))
        {
            _roles[column] = (ColumnRoles.TextPair, new Guess(ColumnRoles.TextPair, "role_pair", $"Its name goes with '{text}'.", [text]));
        }
    }

    private static Guess Describe(ColumnProfile column)
    {
        var different = column.Values?.Count;
        return column.Cells == 0 ? new(ColumnRoles.Other, "role_empty", "It is empty.", [])
            : different == 1 ? new(ColumnRoles.Other, "role_constant", "All cells are equal.", [])
            : different == column.Cells ? new(ColumnRoles.Other, "role_distinct", "All cells are different.", [])
            : different is { } count ? new(ColumnRoles.Other, "role_values", $"{count} different values.", [count])
            : new(ColumnRoles.Other, "role_many", "Many different values.", []);
    }
}
