using System.Text;
using ExperimentHub.Engine.Datasets.Reading;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class DelimitedReaderTests
{
    [Fact]
    public void Read_FollowsQuotesAndCountsLines()
    {
        var rows = ReadAll("a,b\r\n\"line one\r\nline two\",1\n\"he said \"\"no\"\"\",2\n\n  \nab\"c\"d,3\n\"ab\"cd,4\n,\n");

        Assert.Equal(
            ["2:line one\r\nline two|1", "4:he said \"no\"|2", "7:ab\"c\"d|3", "8:abcd|4", "9:-|-"],
            rows);
    }

    [Fact]
    public void Read_SetsTheWrongRowAside_AndGoesOn()
    {
        var rows = ReadAll("a,b\n1,2\n3\n4,5,6\na,b\nx\0y,1\n\"open,7\n8,9\n10,11");

        Assert.Equal(["2:1|2", "3:fields", "4:fields", "5:header_again", "6:nul", "7:quote", "8:8|9", "9:10|11"], rows);
    }

    [Fact]
    public void Read_SetsAsideTheLineThatIsNotUtf8()
    {
        var rows = ReadAll([.. "a,b\ngood,1\ncaf"u8, 0xE9, .. ",2\nfine,3\n"u8]);

        Assert.Equal(["2:good|1", "3:not_utf8", "4:fine|3"], rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Read_GivesTheSame_WhateverThePiecesOfTheStream(int piece)
    {
        var text = "a,b\n\"x\"\"\n\",\"y,\r\n\"\r\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"\"r{i}\",\"{new string('z', i)}\"\"\"\n"));

        Assert.Equal(ReadAll(text), ReadAll(Encoding.UTF8.GetBytes(text), piece));
    }

    private static List<string> ReadAll(string text) => ReadAll(Encoding.UTF8.GetBytes(text));

    private static List<string> ReadAll(byte[] bytes, int piece = int.MaxValue)
    {
        var reader = new DelimitedReader(new ByteWindow(new PieceStream(bytes, piece)), "t.csv", (byte)',', quoted: true, header: true, carriageReturns: false);
        var rows = new List<string>();
        var row = new Row();
        while (reader.Read(row))
        {
            rows.Add($"{row.Line}:" + (row.Problem?.Code ?? string.Join('|', Enumerable.Range(0, row.Count).Select(i => row.Text(i) ?? "-"))));
        }

        return rows;
    }

    /// <summary>Gives at most so many bytes at a time, as a network or a decompressor may.</summary>
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
