namespace ExperimentHub.Web.Tests;

public sealed class LayoutTests
{
    [Fact]
    public void Web_ReferencesNoLibtorch()
    {
        var carried = Directory.GetFiles(AppContext.BaseDirectory, "*torch_cpu*", SearchOption.AllDirectories);

        Assert.Empty(carried);
    }
}
