using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>What must hold of a byte-level BPE for every text: one is trained here, saved and loaded.</summary>
public sealed class ByteLevelTokenizerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");
    private readonly Tokenizer _tokenizer;

    public ByteLevelTokenizerTests()
    {
        var trainer = new BytePairTrainer(new BytePairTraining { Size = 600, Special = ["<|endoftext|>"] });
        var texts = new RandomText(1);
        for (var i = 0; i < 2000; i++)
        {
            trainer.Add(texts.Next());
        }

        trainer.Train(cancellation: TestContext.Current.CancellationToken).Save(_directory.FullName);
        File.WriteAllText(Path.Combine(_directory.FullName, "tokenizer_config.json"), """{"tokenizer_class":"GPT2Tokenizer"}""");
        _tokenizer = Tokenizer.Load(_directory.FullName);
    }

    [Fact]
    public void Decode_GivesTheTextBack()
    {
        foreach (var text in Texts(2))
        {
            Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text).Ids, skipSpecialTokens: false));
        }
    }

    [Fact]
    public void Encode_PlacesCoverTheTextInOrder()
    {
        foreach (var text in Texts(3))
        {
            var encoding = _tokenizer.Encode(text);
            var end = 0;
            for (var i = 0; i < encoding.Length; i++)
            {
                Assert.InRange(encoding.Starts[i], i == 0 ? 0 : encoding.Starts[i - 1], end);
                Assert.True(encoding.Ends[i] > encoding.Starts[i]);
                end = encoding.Ends[i];
            }

            Assert.Equal(text.Length, end);
        }
    }

    [Fact]
    public void EncodeBatch_GivesTheIdsOfEncode_OnAnyNumberOfThreads()
    {
        var texts = Texts(4).ToList();

        foreach (var threads in new[] { 1, 3 })
        {
            var batch = _tokenizer.EncodeBatch(texts, null, EncodeOptions.Default, threads);

            for (var row = 0; row < texts.Count; row++)
            {
                Assert.Equal(_tokenizer.Encode(texts[row]).Ids, batch.Row(row).ToArray());
            }
        }
    }

    [Fact]
    public void Stream_GivesTheWholeTextInWholeCharacters()
    {
        foreach (var text in Texts(5))
        {
            var stream = _tokenizer.Stream();
            var shown = "";
            foreach (var id in _tokenizer.Encode(text).Ids)
            {
                var piece = stream.Add(id);
                Assert.False(piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
                shown += piece;
            }

            Assert.Equal(_tokenizer.Decode(_tokenizer.Encode(text).Ids), shown + stream.Finish());
        }
    }

    [Fact]
    public void Encode_MergesALongWordAsItsParts()
    {
        // The heap of long words and the search of short ones join alike: a separator that joins with nothing keeps the parts apart.
        var word = string.Concat(Enumerable.Repeat("helloWorldthe", 40));
        var lone = Enumerable.Range(1, 31).Select(c => (char)c).First(c => _tokenizer.Encode($"o{c}h").Length == 3);
        var parts = string.Join(lone, Enumerable.Repeat("helloWorldthe", 40));

        var joined = _tokenizer.Encode(parts).Ids.Where(id => id != _tokenizer.Encode(lone.ToString()).Ids[0]).ToArray();

        Assert.Equal(Enumerable.Repeat(_tokenizer.Encode("helloWorldthe").Ids, 40).SelectMany(i => i), joined);
        Assert.Equal(word, _tokenizer.Decode(_tokenizer.Encode(word).Ids));
    }

    [Fact]
    public void EncodeRows_PadsToTheLongestRow()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "tokenizer_config.json"), """{"tokenizer_class":"GPT2Tokenizer","pad_token":"<|endoftext|>"}""");
        var tokenizer = Tokenizer.Load(_directory.FullName);

        var rows = tokenizer.EncodeRows(["hello World", ""], null, new EncodeOptions { Padding = new Padding { MultipleOf = 4, Left = true } });

        Assert.All(rows, r => Assert.Equal(0, r.Length % 4));
        Assert.Equal(rows[0].Length, rows[1].Length);
        Assert.All(rows[1].AttentionMask, m => Assert.Equal(0, m));
        Assert.Equal(1, rows[0].AttentionMask[^1]);
    }

    [Fact]
    public void EncodeRows_RefusesToPad_WithoutAPaddingToken()
    {
        var fault = Assert.Throws<InputException>(() => _tokenizer.EncodeRows(["a"], null, new EncodeOptions { Padding = new Padding() }));

        Assert.Equal("tokenizer.no_pad", fault.Code);
    }

    [Fact]
    public void EncodeWords_CountsTheWordsGiven_AndPlacesInsideThem()
    {
        var encoding = _tokenizer.EncodeWords([["hello", "", "World"]], null, EncodeOptions.Default)[0];

        Assert.Equal([0, 2], encoding.WordIds.Distinct());
        Assert.Equal(0, encoding.Starts[encoding.WordIds.IndexOf(2)]);
        Assert.Equal("World".Length, encoding.Ends[^1]);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IEnumerable<string> Texts(int seed)
    {
        var texts = new RandomText(seed);
        return Enumerable.Range(0, 300).Select(_ => texts.Next());
    }
}
