using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class UnigramTokenizerTests : IDisposable
{
    private const string Json = """
        {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true,"normalized":false}],"normalizer":null,
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true},"post_processor":null,
        "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]},
        "model":{"type":"Unigram","unk_id":0,"byte_fallback":FALLBACK,"vocab":[["<unk>",0],["▁",-2],["a",-3],["b",-3],["ab",-4],["▁ab",-7],["abab",-7.5],["<0xC3>",-20],["<0xA9>",-20]]}}
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Theory]
    [InlineData("ab", "▁ ab")]            // -2 - 4 is better than -7
    [InlineData("abab", "▁ abab")]        // -2 - 7.5 is better than -2 - 8
    [InlineData("xyab", "▁ <unk> ab")]    // unknown characters in a row are one token
    [InlineData("a b", "▁ a ▁ b")]
    [InlineData("", "")]
    public void Encode_TakesTheBestSum(string text, string tokens)
    {
        var tokenizer = Load(byteFallback: false);

        var encoding = tokenizer.Encode(text);

        Assert.Equal(tokens, string.Join(' ', encoding.Ids.Select(tokenizer.IdToToken)));
    }

    [Fact]
    public void Encode_WritesUnknownCharactersAsBytes_WithFallback()
    {
        var tokenizer = Load(byteFallback: true);

        var encoding = tokenizer.Encode("aéx");

        Assert.Equal(["▁", "a", "<unk>"], encoding.Ids.Select(tokenizer.IdToToken));   // one of the bytes of éx is no token, so none is used
        Assert.Equal(["▁", "<0xC3>", "<0xA9>"], tokenizer.Encode("é").Ids.Select(tokenizer.IdToToken));
        Assert.Equal("é", tokenizer.Decode(tokenizer.Encode("é").Ids));
    }

    [Fact]
    public void Stream_WaitsForTheEndOfARunOfBytes()
    {
        var tokenizer = Load(byteFallback: true);
        var (c3, a9, a) = (tokenizer.TokenToId("<0xC3>")!.Value, tokenizer.TokenToId("<0xA9>")!.Value, tokenizer.TokenToId("a")!.Value);
        var stream = tokenizer.Stream();

        Assert.Equal(["", "", "éa"], new[] { c3, a9, a }.Select(stream.Add));
        Assert.Equal("", stream.Finish());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Tokenizer Load(bool byteFallback)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "tokenizer.json"), Json.Replace("FALLBACK", byteFallback ? "true" : "false", StringComparison.Ordinal));
        return Tokenizer.Load(_directory.FullName);
    }
}
