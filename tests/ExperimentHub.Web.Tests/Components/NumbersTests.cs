using System.Globalization;
using ExperimentHub.Web.Components.Controls;

namespace ExperimentHub.Web.Tests.Components;

public sealed class NumbersTests
{
    [Theory]
    [InlineData(0.9206, "0.9206")]
    [InlineData(0.0287, "0.02870")]
    [InlineData(5990.4, "5\u202f990")]
    [InlineData(0.00001909, "1.909e−5")]
    [InlineData(-0.16944, "−0.1694")]
    [InlineData(9.99996, "10.00")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "−∞")]
    public void Significant_HasFourDigits(double value, string expected) => Assert.Equal(expected, Numbers.Significant(value));

    [Theory]
    [InlineData(5e-5, "5e−5")]
    [InlineData(1e-8, "1e−8")]
    [InlineData(0.001, "0.001")]
    [InlineData(0.01, "0.01")]
    [InlineData(128, "128")]
    [InlineData(0.0003, "3e−4")]
    public void Plain_IsAsShortAsCanBeReadBack(double value, string expected) => Assert.Equal(expected, Numbers.Plain(value));

    [Theory]
    [InlineData(0.8, "0.8\u00a0s")]
    [InlineData(366, "6\u00a0min\u00a006\u00a0s")]
    [InlineData(3900, "1\u00a0h\u00a005\u00a0min")]
    public void Duration_NamesTheTwoLargestUnits(double seconds, string expected)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

        Assert.Equal(expected, Numbers.Duration(TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void Duration_SpeaksChinese_WhenThePageDoes()
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh");

        Assert.Equal("6\u00a0分\u00a006\u00a0秒", Numbers.Duration(TimeSpan.FromSeconds(366)));
    }

    [Fact]
    public void Bytes_CountsInPowersOf1024() => Assert.Equal("102.8\u00a0MiB", Numbers.Bytes(102.8 * 1024 * 1024));
}
