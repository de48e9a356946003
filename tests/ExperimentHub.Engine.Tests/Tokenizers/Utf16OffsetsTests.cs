using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class Utf16OffsetsTests
{
    [Fact]
    public void Positions_CountCharactersAndBytes()
    {
        const string Text = "aé中𝒜b";   // 1, 2, 3 and 4 bytes

        Assert.Equal([0, 1, 2, 3, 4, 5], Utf16Offsets.ToCodePoints(Text, [0, 1, 2, 3, 5, 6]));
        Assert.Equal([0, 1, 3, 6, 10, 11], Utf16Offsets.ToBytes(Text, [0, 1, 2, 3, 5, 6]));
    }
}
