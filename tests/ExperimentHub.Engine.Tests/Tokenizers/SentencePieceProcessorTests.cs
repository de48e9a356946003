using System.Text;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>Tiny models; what is expected of them is what google/sentencepiece 0.1.97 answered.</summary>
public sealed class SentencePieceProcessorTests
{
    private static readonly (string Text, float Score, SentencePieceType Type)[] s_bytes =
        [.. Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, SentencePieceType.Byte))];

    [Theory]
    [InlineData(SentencePieceModelType.Unigram, "▁ab c", "▁ ▁a b ▁c")]
    [InlineData(SentencePieceModelType.Bpe, " ab  ab", "▁ a b ▁ a b")]   // ▁ab is out of use, and was made of ▁ and ab
    [InlineData(SentencePieceModelType.Bpe, "xy<ab>yx", "▁ xy <ab> yx")]
    [InlineData(SentencePieceModelType.Unigram, "xy<ab>yx", "▁ xy <ab> yx")]
    [InlineData(SentencePieceModelType.Word, "ab <ab>", "▁ab ▁<ab>")]
    [InlineData(SentencePieceModelType.Char, "ab<ab>", "▁ a b <ab>")]
    [InlineData(SentencePieceModelType.Bpe, "  ", "")]
    public void Encode_CutsAsTheLibraryDoes(object type, string text, string pieces)
    {
        var processor = Processor((SentencePieceModelType)type);

        Assert.Equal(pieces, string.Join(' ', processor.Encode(text).Select(p => p.Text)));
    }

    [Fact]
    public void Encode_ReadsEachWrongByteAsAReplacementCharacter()
    {
        var processor = Processor(SentencePieceModelType.Unigram);

        var pieces = processor.Encode([0x61, 0xE4, 0xB8, 0x62]);   // the first two bytes of three

        Assert.Equal([new(7, "▁a", 0, 1), new(0, "\uFFFD\uFFFD", 1, 3), new(6, "b", 3, 4)], pieces);
    }

    [Fact]
    public void Encode_WritesUnknownCharactersAsBytes_WhereTheModelHasThem()
    {
        var processor = Processor(SentencePieceModelType.Bpe, byteFallback: true);

        var pieces = processor.Encode("aé").ToList();

        Assert.Equal([("▁a", 0, 1), ("<0xC3>", 1, 1), ("<0xA9>", 1, 3)], pieces.ConvertAll(p => (p.Text, p.Start, p.End)));
        Assert.Equal("aé", processor.Decode([.. pieces.Select(p => p.Id)]));
        Assert.Equal("a\uFFFD\uFFFDa", processor.Decode([5, pieces[1].Id, pieces[1].Id, 5]));
    }

    [Fact]
    public void Decode_ShowsUnknownPiecesAndHidesControlOnes()
    {
        var processor = Processor(SentencePieceModelType.Unigram);

        Assert.Equal(" ⁇ a b", processor.Decode([1, 0, 5, 4, 6, 2]));
        Assert.Equal("tokenizer.id_unknown", Assert.Throws<InputException>(() => processor.Decode([99])).Code);
    }

    [Fact]
    public void Constructor_RefusesBytePiecesThatDoNotFit()
    {
        var model = Model(SentencePieceModelType.Bpe, byteFallback: true, [("<unk>", 0, SentencePieceType.Unknown), ("<0x0A>", 0, SentencePieceType.Byte)]);

        Assert.Equal("tokenizer.byte_pieces", Assert.Throws<InputException>(() => new SentencePieceProcessor(SentencePieceModel.Read("spiece.model", model))).Code);
    }

    [Fact]
    public void Constructor_ReadsOrRefusesWhateverTheFileHolds()
    {
        var random = new Random(1);
        var original = Model(SentencePieceModelType.Unigram, byteFallback: true, Pieces(byteFallback: true));
        for (var round = 0; round < 3000; round++)
        {
            var bytes = original.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(2) == 0 ? random.Next(300) : random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                var processor = new SentencePieceProcessor(SentencePieceModel.Read("spiece.model", bytes));
                processor.Decode([.. processor.Encode("ab <ab> é\uD83D\uDE00xyx").Select(p => p.Id)]);
            }
            catch (InputException e)
            {
                Assert.NotEqual("input", e.Code);
            }
        }
    }

    private static SentencePieceProcessor Processor(SentencePieceModelType type, bool byteFallback = false) =>
        new(SentencePieceModel.Read("spiece.model", Model(type, byteFallback, Pieces(byteFallback))));

    private static (string Text, float Score, SentencePieceType Type)[] Pieces(bool byteFallback) =>
    [
        ("<unk>", 0, SentencePieceType.Unknown), ("<s>", 0, SentencePieceType.Control), ("</s>", 0, SentencePieceType.Control),
        ("<ab>", 0, SentencePieceType.UserDefined), ("▁", -3, SentencePieceType.Normal), ("a", -3, SentencePieceType.Normal),
        ("b", -3, SentencePieceType.Normal), ("▁a", -4, SentencePieceType.Normal), ("ab", -1, SentencePieceType.Unused),
        ("▁ab", -2, SentencePieceType.Unused), ("xy", -5, SentencePieceType.Normal), ("yx", -5, SentencePieceType.Normal),
        ("▁c", -6, SentencePieceType.Normal), .. byteFallback ? s_bytes : [],
    ];

    /// <summary>The messages of the file, each field with its number and kind before it (protobuf).</summary>
    private static byte[] Model(SentencePieceModelType type, bool byteFallback, (string Text, float Score, SentencePieceType Type)[] pieces)
    {
        var file = new List<byte>();
        foreach (var (text, score, kind) in pieces)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            file.AddRange(Message(1, [.. Message(1, utf8), 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)kind]));
        }

        byte[] trainer = [0x18, (byte)type, 0x98, 0x02, byteFallback ? (byte)1 : (byte)0];   // fields 3 and 35
        return [.. file, .. Message(2, trainer)];
    }

    private static byte[] Message(int field, byte[] content) => [(byte)((field << 3) | 2), (byte)content.Length, .. content];
}
