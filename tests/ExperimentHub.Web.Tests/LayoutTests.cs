namespace ExperimentHub.Web.Tests;

public sealed class LayoutTests
{
    [Fact]
    public void Web_ReferencesNoLibtorch()
    {
        var carried = Directory.GetFiles(AppContext.BaseDirectory, "*torch_cpu*", SearchOption.AllDirectories);

        Assert.Empty(carried);
    }

    [Fact]
    public void Web_CallsNothingOfTorch()
    {
        var named = typeof(Program).Assembly.GetReferencedAssemblies().Select(a => a.Name);

        Assert.DoesNotContain("TorchSharp", named);
    }
}
