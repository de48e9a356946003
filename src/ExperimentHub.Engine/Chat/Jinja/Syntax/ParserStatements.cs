using ExperimentHub.Engine.Chat.Jinja.Nodes;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

// One method a statement; the current token is the name of the tag.
internal sealed partial class Parser
{
    private For For()
    {
        var line = _stream.Next().Line;
        var target = _expressions.ParseTarget(endName: "in");
        _stream.ExpectName("in");
        var source = _expressions.ParseTuple(withConditional: false, endName: "recursive");
        var test = _stream.SkipName("if") ? _expressions.Parse() : null;
        var isRecursive = _stream.SkipName("recursive");
        var body = Body("endfor", "else");
        var otherwise = _stream.Next().Text == "endfor" ? [] : WholeBody("endfor");
        return new For(target, source, body, otherwise, test, isRecursive, line);
    }

    private If If()
    {
        var line = _stream.Next().Line;
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        while (true)
        {
            var test = _expressions.ParseTuple(withConditional: false);
            branches.Add((test, Body("elif", "else", "endif")));
            var end = _stream.Next();
            if (end.Text != "elif")
            {
                return new If(branches, end.Text == "else" ? WholeBody("endif") : [], line);
            }
        }
    }

    private Statement Set()
    {
        var line = _stream.Next().Line;
        var target = _expressions.ParseTarget(withNamespace: true);
        if (_stream.SkipSign("="))
        {
            return new Assignment(target, _expressions.ParseTuple(), line);
        }

        var filter = _expressions.Primary.Behind.ParseFilters(null);
        return new BlockAssignment(target, filter, WholeBody("endset"), line);
    }

    private Macro Macro()
    {
        var line = _stream.Next().Line;
        var name = _expressions.ParseName(NameUse.Store);
        var (parameters, defaults) = Signature();
        return new Macro(name, PrimaryParser.Measured(new MacroBody(name.Text, parameters, defaults, WholeBody("endmacro"), line)), line);
    }

    private (List<Name> Parameters, List<Expression> Defaults) Signature()
    {
        _stream.ExpectSign("(");
        var parameters = new List<Name>();
        var defaults = new List<Expression>();
        while (!_stream.Current.IsSign(")"))
        {
            if (parameters.Count > 0)
            {
                _stream.ExpectSign(",");
            }

            var parameter = _expressions.ParseName(NameUse.Parameter);
            if (parameters.Any(p => p.Text == parameter.Text))
            {
                throw TemplateFault.Syntax($"duplicate argument '{InputException.Quote(parameter.Text)}' in function definition", parameter.Line);
            }

            if (_stream.SkipSign("="))
            {
                defaults.Add(_expressions.Parse());
            }
            else if (defaults.Count > 0)
            {
                throw TemplateFault.Syntax("non-default argument follows default argument", parameter.Line);
            }

            parameters.Add(parameter);
        }

        _stream.ExpectSign(")");
        return (parameters, defaults);
    }

    private CallBlock CallBlock()
    {
        var line = _stream.Next().Line;
        var (parameters, defaults) = _stream.Current.IsSign("(") ? Signature() : ([], []);
        if (_expressions.Parse() is not Call call)
        {
            throw TemplateFault.Syntax("expected call", line);
        }

        return new CallBlock(call, PrimaryParser.Measured(new MacroBody(null, parameters, defaults, WholeBody("endcall"), line)), line);
    }

    private GenerationBlock GenerationBlock()
    {
        var line = _stream.Next().Line;
        return new GenerationBlock(PrimaryParser.Measured(new MacroBody(null, [], [], WholeBody("endgeneration"), line)), line);
    }

    private FilterBlock FilterBlock()
    {
        var line = _stream.Next().Line;
        var filter = _expressions.Primary.Behind.ParseFilters(null, startsInline: true)!;
        return new FilterBlock(filter, WholeBody("endfilter"), line);
    }

    private With With()
    {
        var line = _stream.Next().Line;
        var targets = new List<Expression>();
        var values = new List<Expression>();
        while (_stream.Current.Kind != TokenKind.BlockEnd)
        {
            if (targets.Count > 0)
            {
                _stream.ExpectSign(",");
            }

            targets.Add(_expressions.ParseTarget(use: NameUse.Parameter));
            _stream.ExpectSign("=");
            values.Add(_expressions.Parse());
        }

        return new With(targets, values, WholeBody("endwith"), line);
    }

    private List<Statement> PrintStatement()
    {
        var line = _stream.Next().Line;
        var prints = new List<Statement>();
        while (_stream.Current.Kind != TokenKind.BlockEnd)
        {
            if (prints.Count > 0)
            {
                _stream.ExpectSign(",");
            }

            prints.Add(new Print(_expressions.Parse(), line));
        }

        return prints;
    }

    private Block Block()
    {
        var line = _stream.Next().Line;
        var name = _stream.Expect(TokenKind.Name, "name").Text;
        var isScoped = _stream.SkipName("scoped");
        if (_stream.SkipName("required"))
        {
            throw TemplateFault.Syntax($"Required block '{InputException.Quote(name)}' not found", line);
        }

        if (_stream.Current.IsSign("-"))
        {
            throw TemplateFault.Syntax("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.", line);
        }

        var body = WholeBody("endblock");
        _stream.SkipName(name);
        return new Block(name, isScoped, body, line);
    }

    private AutoEscape AutoEscape()
    {
        var line = _stream.Next().Line;
        var isOn = _expressions.Parse();
        return new AutoEscape(isOn, WholeBody("endautoescape"), line);
    }

    /// <summary>Read in full, since a template may hold one that is never reached.</summary>
    private Loading Loading()
    {
        var tag = _stream.Next();
        var template = _expressions.Parse();
        var targets = new List<Name>();
        switch (tag.Text)
        {
            case "import":
                _stream.ExpectName("as");
                targets.Add(_expressions.ParseName(NameUse.Store));
                break;
            case "from":
                _stream.ExpectName("import");
                do
                {
                    var name = _expressions.ParseName(NameUse.Store);
                    targets.Add(_stream.SkipName("as") ? _expressions.ParseName(NameUse.Store) : name);
                }
                while (_stream.SkipSign(","));
                break;
            case "include" when _stream.Current.IsName("ignore") && _stream.Following.IsName("missing"):
                _stream.Next();
                _stream.Next();
                break;
        }

        if (tag.Text != "extends" && (_stream.Current.IsName("with") || _stream.Current.IsName("without")) && _stream.Following.IsName("context"))
        {
            _stream.Next();
            _stream.Next();
        }

        return new Loading(tag.Text, template, targets, tag.Line);
    }
}
