using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>Pieces that are cut where no token reaches across give the tokens of the whole.</summary>
public sealed class TokenJointsTests
{
    private static readonly string[] s_parts = ["的", "天", "气", "好", "天气", "一", "丁", "七", "中国", "カ", "ナ", "한", "▁", "▁a", "a", "b", "é", "，", "👍", "𠀀", "ـ"];

    [Theory]
    [InlineData(300)]
    [InlineData(400)]
    [InlineData(800)]
    public void PartsOfBytes_GiveTheTokensOfTheWhole(int size)
    {
        var trainer = new BytePairTrainer(new BytePairTraining { Size = size });
        foreach (var text in Texts(1, 400))
        {
            trainer.Add(text);
        }

        var learned = trainer.Train(cancellation: TestContext.Current.CancellationToken);
        var ids = learned.Tokens.Index().ToDictionary(t => t.Item, t => t.Index);
        var model = new BpeModel(ids, ModelReader.Merges("merges.txt", [.. learned.Merges], ids, ""), new BpeOptions()) { TakesBytes = true };

        Assert.True(CutsOf(model) > 500);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void PartsOfCharacters_GiveTheTokensOfTheWhole(bool fuseUnknown, bool byteFallback)
    {
        string[] tokens = ["<unk>", "▁", "a", "b", "的", "天", "气", "中", "国", "，", "天气", "▁a", "的天气", "▁▁", "国，"];
        var ids = tokens.Concat(byteFallback ? Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>") : []).Index().ToDictionary(t => t.Item, t => t.Index);
        var merges = ModelReader.Merges("merges.txt", [("天", "气"), ("▁", "a"), ("的", "天气"), ("▁", "▁"), ("国", "，")], ids, "");
        var model = new BpeModel(ids, merges, new BpeOptions { UnknownToken = "<unk>", FuseUnknown = fuseUnknown, ByteFallback = byteFallback });

        Assert.True(CutsOf(model) > 500);
    }

    [Fact]
    public void Piece_IsNotCut_WhereUnknownCharactersAreLeftOut()
    {
        var ids = new Dictionary<string, int> { ["的"] = 0, ["天"] = 1 };

        Assert.False(new BpeModel(ids, new MergeRanks(0), new BpeOptions()).MayCut("的天"));
    }

    /// <summary>Compares random texts and tells how many cuts there were.</summary>
    private static int CutsOf(BpeModel model)
    {
        var cuts = 0;
        foreach (var text in Texts(2, 1000).Where(t => t.Length > 0 && model.MayCut(t)))
        {
            var (whole, parts) = (new PieceTokens(), new PieceTokens());
            model.Tokenize(text, whole);
            for (var start = 0; start < text.Length;)
            {
                var part = text.AsSpan(start, model.FirstPart(text.AsSpan(start)));
                var tokens = new PieceTokens();
                model.TokenizePart(part, tokens);
                for (var i = 0; i < tokens.Count; i++)
                {
                    parts.Add(tokens.Ids[i], start + tokens.Firsts[i], start + tokens.Lasts[i]);
                }

                start += part.Length;
                cuts += start < text.Length ? 1 : 0;
            }

            Assert.Equal(whole.Ids, parts.Ids);
            Assert.Equal(whole.Firsts, parts.Firsts);
            Assert.Equal(whole.Lasts, parts.Lasts);
        }

        return cuts;
    }

    private static IEnumerable<string> Texts(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => s_parts[random.Next(s_parts.Length)]));
        }
    }
}
