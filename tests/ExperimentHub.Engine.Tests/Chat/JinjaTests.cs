using System.Text.Json;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Chat.Jinja;

namespace ExperimentHub.Engine.Tests.Chat;

/// <summary>The essentials of the language; every expectation is what Jinja2 3.1.6 renders in the environment of transformers 5.23.</summary>
public sealed class JinjaTests
{
    [Theory]
    [InlineData("a\n  {% if true %}\n  b\n  {% endif %}\nc", "a\n  b\nc")]
    [InlineData("a\r\n{#- x -#}\r\n b", "ab")]
    [InlineData("a  {%+ if true +%}\n{% endif %}b\n", "a  \nb")]
    [InlineData("{% raw %}\n{{ x }}{% endraw %}\nb", "\n{{ x }}b")]
    public void Render_TakesTheBlanksOfTags(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}", "12 13 1")]
    [InlineData("{% if false %}{% set outside = 1 %}{% endif %}{{ outside }}", "here")]
    [InlineData("{% macro f() %}{{ x }}{% endmacro %}{% set x = 2 %}{% for x in [3] %}{{ f() }}{% endfor %}", "2")]
    [InlineData("{% for i in [1] %}{% generation %}{% set i = 9 %}{{ i }}{% endgeneration %}{{ i }}{% endfor %}", "91")]
    [InlineData("{% for i in [1, 2] %}{% continue %}{% else %}none{% endfor %}", "none")]
    [InlineData("{% set ns = namespace(n=0) %}{% for i in [1, 2, 3] if ns.n < 2 %}{% set ns.n = ns.n + 1 %}{{ i }}{% endfor %}", "12")]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% block b %}{{ i }}{{ x }}{% endblock %}{% endfor %}", "1")]
    public void Render_KeepsTheScopesOfJinja(string template, string expected) => Assert.Equal(expected, Render(template, """{"outside":"here"}"""));

    [Theory]
    [InlineData("[{{ nothing }}{{ nothing | upper }}{{ nothing ~ 1 }}{{ nothing == missing }}{{ 'x' if nothing }}]", "[1True]")]
    [InlineData("{{ none.a is defined }}{{ {}.a is defined }}{{ [][0] is defined }}{{ ''.__class__ }}", "FalseFalseFalse")]
    [InlineData("{{ {'items': 5}.items is callable }}{{ {'items': 5}['items'] }}", "True5")]
    public void Render_PrintsNothingForWhatIsUndefined(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ v | tojson }}", "{\"b\": [1, 1.0, 1e-07, null], \"a\": \"查 <&>\\\"\"}")]
    [InlineData("{{ v | tojson(indent=1, sort_keys=true) }}", "{\n \"a\": \"查 <&>\\\"\",\n \"b\": [\n  1,\n  1.0,\n  1e-07,\n  null\n ]\n}")]
    [InlineData("{{ v }}", "{'b': [1, 1.0, 1e-07, None], 'a': '查 <&>\"'}")]
    public void Render_WritesJsonAndReprAsPython(string template, string expected) =>
        Assert.Equal(expected, Render(template, """{"v":{"b":[1,1.0,1e-7,null],"a":"查 <&>\""}}"""));

    [Theory]
    [InlineData("{{ -7 // 2 }} {{ -7 % 3 }} {{ -2 ** 2 }} {{ 2 ** 100 }} {{ 7 / 2 }} {{ 2.5 | round }} {{ 2 ** -25 }}", "-4 2 4 1267650600228229401496703205376 3.5 2.0 2.9802322387695312e-08")]
    [InlineData("{{ '😀你'[::-1] }}{{ '😀你' | length }}{{ ' a  b '.split(none, 1) }}{{ '%05.1f|%-3d|' % (2.25, 7) }}", "你😀2['a', 'b ']002.2|7  |")]
    public void Render_ComputesAsPython(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{{ x.y.z }}", 2, "'x' is undefined")]
    [InlineData("a\n\n{% evil %}", 3, "Encountered unknown tag 'evil'.")]
    [InlineData("{% for x in [1] %}\n{{ x }}", 2, "Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. The innermost block that needs to be closed is 'for'.")]
    [InlineData("{{ 1 +\n* 2 }}", 2, "unexpected '*'")]
    [InlineData("{% set l = [] %}\n{% set _ = l.append(1) %}", 2, "access to attribute 'append' of 'list' object is unsafe.")]
    [InlineData("{{ ''.__class__.__mro__ }}", 1, "access to attribute '__class__' of 'str' object is unsafe.")]
    [InlineData("\n{{ 'a' + 1 }}", 2, "can only concatenate str (not \"int\") to str")]
    public void Render_NamesTheLineAndTheFault(string template, int line, string message)
    {
        var fault = Assert.Throws<TemplateFault>(() => Render(template));

        Assert.Equal((line, message), (fault.Line, fault.Message));
    }

    [Theory]
    [InlineData("{{ 'a' * 10**10 }}")]
    [InlineData("{{ 'x' | center(10**10) }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ '{:>999999999}'.format(1) }}")]
    [InlineData("{{ 9**(9**9) }}")]
    [InlineData("{{ [0] * 10**9 }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == [[ns.l[0], 1], 1] }}{{ ns.l < ns.l[0] }}{{ ns.l | tojson | length }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(100000) %}{% set ns.l = [ns.l] %}{% endfor %}")]
    [InlineData("{% set ns = namespace(g=[]) %}{% for i in range(100000) %}{% set ns.g = ns.g | map('upper') %}{% endfor %}{{ ns.g | list }}")]
    [InlineData("{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}")]
    [InlineData("{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s.find('b') or s in s }}{% endfor %}")]
    [InlineData("{% set s = 'a' * 1000000 %}{{ ('a' * 2000000 + 'b') in s + s + s }}")]
    [InlineData("{% for i in range(100000) %}{{ ('a,' * 10000).split(',') | length }}{% endfor %}")]
    [InlineData("{{ ('x' * 100000) | replace('', 'y' * 1000) }}")]
    [InlineData("{{ ('\\n' * 100000) | indent(10**6, blank=true) }}")]
    public void Render_StopsWhatWouldNeverEnd(string template)
    {
        var fault = Assert.Throws<TemplateFault>(() => Render(template));

        Assert.Equal(FaultKind.Limit, fault.Kind);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("1 + ", "")]
    [InlineData("a.", "")]
    public void Read_RefusesWhatIsNestedTooDeep(string open, string close)
    {
        var template = "{{ " + string.Concat(Enumerable.Repeat(open, 20_000)) + "a" + string.Concat(Enumerable.Repeat(close, 20_000)) + " }}";

        var fault = Assert.Throws<TemplateFault>(() => new Template(template));

        Assert.Equal(FaultKind.Syntax, fault.Kind);
    }

    [Fact]
    public void Read_RefusesBlocksThatNestTooDeep()
    {
        var template = string.Concat(Enumerable.Repeat("{% if a %}", 10_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 10_000));

        Assert.Equal(FaultKind.Syntax, Assert.Throws<TemplateFault>(() => new Template(template)).Kind);
    }

    private static string Render(string template, string variables = "{}")
    {
        var values = new JsonValues();
        var context = JsonSerializer.Deserialize<JsonElement>(variables).EnumerateObject().ToDictionary(v => v.Name, v => values.Convert(v.Value));
        return new Template(template).Render(context, values.Length, new DateTime(2025, 3, 5)).Text;
    }
}
