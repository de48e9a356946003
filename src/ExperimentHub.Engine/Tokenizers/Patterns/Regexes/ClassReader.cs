namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Reads what stands for a set of characters: <c>[...]</c> with all that Oniguruma allows in it, <c>\p{...}</c>, <c>\d</c> and the like.</summary>
internal sealed class ClassReader(PatternReader reader)
{
    private const int DeepestClass = 16;

    private int _depth;

    /// <summary>The set of an escape whose backslash was taken; null (and nothing taken) if it is no set.</summary>
    /// <param name="inClass">Between brackets, where <c>\w</c> is a little less.</param>
    internal CodePointSet? TakeEscape(bool inClass = false)
    {
        var start = reader.Position;
        switch (reader.TakeCodePoint())
        {
            case 'd': return UnicodeSets.Digit;
            case 'D': return UnicodeSets.Digit.Complement();
            case 'w': return inClass ? UnicodeSets.WordInClass : UnicodeSets.Word;
            case 'W': return (inClass ? UnicodeSets.WordInClass : UnicodeSets.Word).Complement();
            case 's': return UnicodeSets.Space;
            case 'S': return UnicodeSets.Space.Complement();
            case 'h': return UnicodeSets.Named("xdigit")!;
            case 'H': return UnicodeSets.Named("xdigit")!.Complement();
            case 'p': return TakeProperty(negated: false);
            case 'P': return TakeProperty(negated: true);
        }

        reader.Position = start;
        return null;
    }

    /// <summary>A class whose opening bracket was taken.</summary>
    internal CodePointSet TakeClass(bool ignoreCase)
    {
        if (++_depth > DeepestClass)
        {
            throw reader.Wrong("classes of characters lie too deep inside each other");
        }

        var negated = reader.Take("^");
        var set = CodePointSet.Empty;
        CodePointSet? intersected = null;
        var first = true;
        while (first || !reader.Take("]"))
        {
            if (reader.AtEnd)
            {
                throw reader.Wrong("a class of characters has no end");
            }

            if (reader.Take("&&"))
            {
                intersected = intersected?.Intersect(set) ?? set;
                set = CodePointSet.Empty;
            }
            else
            {
                set = set.Union(TakeMember(ignoreCase));
            }

            first = false;
        }

        _depth--;
        set = intersected?.Intersect(set) ?? set;
        set = ignoreCase ? CaseFolding.Close(set) : set;
        return negated ? set.Complement() : set;
    }

    private CodePointSet TakeMember(bool ignoreCase)
    {
        if (reader.StartsWith("[:") && TakeBracketName() is { } named)
        {
            return named;
        }

        if (reader.Take("["))
        {
            return TakeClass(ignoreCase);
        }

        if (reader.Current == '\\')
        {
            reader.Position++;
            if (TakeEscape(inClass: true) is { } escaped)
            {
                return escaped;
            }

            reader.Position--;
        }

        var low = TakeCharacter();
        var dash = reader.Position;
        if (!reader.Take("-") || reader.Current == ']' || reader.StartsWith("&&"))
        {
            reader.Position = dash;
            return CodePointSet.Of(low);
        }

        if (reader.Current == '[')
        {
            reader.Position = dash + 1;
            return CodePointSet.Of([(low, low), ('-', '-')]);
        }

        var high = TakeCharacter();
        return high >= low ? CodePointSet.Of([(low, high)]) : throw reader.Wrong("a range of characters runs backwards");
    }

    private int TakeCharacter()
    {
        if (!reader.Take("\\"))
        {
            return reader.TakeCodePoint();
        }

        return reader.TakeEscapedCharacter(inClass: true) ?? throw reader.Wrong($"\\{reader.Current} is not supported in a class");
    }

    private CodePointSet? TakeBracketName()
    {
        var start = reader.Position;
        reader.Position += 2;
        var negated = reader.Take("^");
        var nameStart = reader.Position;
        while (char.IsAsciiLetterLower(reader.Current))
        {
            reader.Position++;
        }

        var length = reader.Position - nameStart;
        if (length > 0 && reader.StartsWith(":]"))
        {
            reader.Position = nameStart;
            var name = reader.TakeUntil(':');
            reader.Position++;
            var set = UnicodeSets.Named(name) ?? throw reader.Wrong($"[:{name}:] is not supported");
            return negated ? set.Complement() : set;
        }

        reader.Position = start;
        return null;
    }

    private CodePointSet TakeProperty(bool negated)
    {
        if (!reader.Take("{"))
        {
            throw reader.Wrong(@"\p needs a name in braces");
        }

        negated ^= reader.Take("^");
        var name = reader.TakeUntil('}');
        var set = UnicodeSets.Named(name) ?? throw reader.Wrong($@"\p{{{InputException.Quote(name, 30)}}} is not supported");
        return negated ? set.Complement() : set;
    }
}
