using System.Text;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>One small example of each component, in its form in tokenizer.json; the many are in shared/parity.</summary>
public sealed class ComponentTests
{
    [Theory]
    [InlineData("""{"type":"NFC"}""", "e\u0301", "é")]
    [InlineData("""{"type":"NFKD"}""", "ﬁé", "fie\u0301")]
    [InlineData("""{"type":"Lowercase"}""", "ΑΣ İ", "ας i\u0307", true)]
    [InlineData("""{"type":"Nmt"}""", "a\u0001\u200Bb\uFFFD", "a b ")]
    [InlineData("""{"type":"Strip","strip_left":false,"strip_right":true}""", " a ", " a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"\\s{2,}"},"content":"_"}""", "a  b c", "a_b c")]
    [InlineData("""{"type":"ByteLevel"}""", "é a", "Ã©Ġa")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"}]}""", "é", "e")]
    public void Normalizer(string config, string text, string expected, bool noFinalSigma = false)
    {
        using var file = JsonFile.Parse("tokenizer.json", Encoding.UTF8.GetBytes(config));
        var (source, target) = (new NormalizedText(), new NormalizedText());
        source.Set(text, 0);
        target.ClearFor(source);

        new ComponentReader(file).Normalizer(file.Root)!.Normalize(source, target);

        Assert.Equal(noFinalSigma ? expected.Replace('ς', 'σ') : expected, target.Chars.ToString());
    }

    [Theory]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Removed","invert":false}""", "a-b--c", "a|b|c")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Isolated","invert":false}""", "a-b--c", "a|-|b|-|-|c")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithPrevious","invert":false}""", "a-b--c", "a-|b-|-|c")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext","invert":false}""", "a-b--c", "a|-b|-|-c")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Contiguous","invert":false}""", "a-b--c", "a|-|b|--|c")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[a-z]"},"behavior":"Removed","invert":true}""", "a-b--c", "a|b|c")]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "a--b", "a|--|b")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12b", "a|1|2|b")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12b", "a|12|b")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"-"}""", "a-b", "a|b")]
    [InlineData("""{"type":"FixedLength","length":2}""", "a𝒜bcd", "a𝒜|bc|d")]
    [InlineData("""{"type":"UnicodeScripts"}""", "abc中文カナ", "abc|中文カナ")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "a é", "Ġa|ĠÃ©")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""", "a  b", "▁a|▁|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", "a b", "a▁b")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}""", "a b", "▁a|b")]
    public void PreTokenizer(string config, string text, string expected)
    {
        using var file = JsonFile.Parse("tokenizer.json", Encoding.UTF8.GetBytes(config));
        var source = new NormalizedText();
        source.Set(text, 0);
        var cut = new PreTokenizedText();
        cut.Start(source, new(0, source.Length));

        new ComponentReader(file).PreTokenizer(file.Root)!.Apply(cut);

        Assert.Equal(expected.Split('|'), cut.Pieces.Select(p => cut.Text.Chars[p.Start..p.End].ToString()));
    }

    [Theory]
    [InlineData("""{"type":"ByteLevel"}""", "Ã©|Ġa", "é a")]
    [InlineData("""{"type":"ByteFallback"}""", "<0xC3>|<0xA9>|b", "éb")]
    [InlineData("""{"type":"ByteFallback"}""", "a|<0x61>|<0xA9>", "a\uFFFD\uFFFD")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "▁a|▁b", "a b")]
    [InlineData("""{"type":"Strip","content":" ","start":1,"stop":1}""", "  a |b", " ab")]
    [InlineData("""{"type":"BPEDecoder","suffix":"</w>"}""", "a</w>|b</w>", "a b")]
    [InlineData("""{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true}""", "a|a|<pad>|a|b", "aab")]
    [InlineData("""{"type":"WordPiece","prefix":"##","cleanup":true}""", "a|##b|.", "ab.")]
    public void Decoder(string config, string tokens, string expected)
    {
        using var file = JsonFile.Parse("tokenizer.json", Encoding.UTF8.GetBytes(config));

        var decoder = new DecoderReader(file, new ComponentReader(file)).Read(file.Root);

        Assert.Equal(expected, string.Concat(decoder.Decode([.. tokens.Split('|')])));
    }

    [Fact]
    public void Unknown_IsRefusedByName()
    {
        using var file = JsonFile.Parse("tokenizer.json", """{"type":"EvilNormalizer"}"""u8.ToArray());

        var fault = Assert.Throws<InputException>(() => new ComponentReader(file).Normalizer(file.Root));

        Assert.Contains("EvilNormalizer", fault.Message, StringComparison.Ordinal);
    }
}
