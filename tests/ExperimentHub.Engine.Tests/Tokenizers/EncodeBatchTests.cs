using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class EncodeBatchTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void EncodeBatch_GivesTheRowsOfEncode()
    {
        var tokenizer = Load("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "##ly", "not", ".");
        string[] texts = ["Good, not bad.", "badly", "", "not not not not not not good"];
        string?[] pairs = ["bad", null, "", "goodly bad"];

        var batch = tokenizer.EncodeBatch(texts, pairs, maxLength: 8);

        Assert.Equal(4, batch.Count);
        Assert.Equal(2, batch.TruncatedRows);   // 5 + 1 tokens and 7 + 3, each with 3 special ones
        for (var row = 0; row < texts.Length; row++)
        {
            var single = tokenizer.Encode(texts[row], pairs[row], maxLength: 8);
            Assert.Equal(single.Ids, batch.Row(row).ToArray());
            Assert.Equal(single.TypeIds, batch.RowTypes(row).ToArray().Select(t => (int)t));
        }
    }

    [Fact]
    public void Encode_OffsetsShowTheTypedText_WhenItWasNormalized()
    {
        var tokenizer = Load("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "creme", "brul", "##ee", "上");
        const string Text = "\u200bCRE\u0300ME  Brûlée上";

        var encoding = tokenizer.Encode(Text);

        var pieces = Enumerable.Range(1, encoding.Length - 2).Select(i => Text[encoding.Starts[i]..encoding.Ends[i]]);
        Assert.Equal(["CRE\u0300ME", "Brûl", "ée", "上"], pieces);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Tokenizer Load(params string[] tokens)
    {
        File.WriteAllLines(Path.Combine(_directory.FullName, "vocab.txt"), tokens);
        return Tokenizer.Load(_directory.FullName);
    }
}
