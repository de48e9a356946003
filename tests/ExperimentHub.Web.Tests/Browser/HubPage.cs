using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

/// <summary>One window. It waits on what a person sees, never on time, and fails the test if the page logged an error.</summary>
public sealed class HubPage : IAsyncDisposable
{
    private readonly List<string> _errors = [];

    public HubPage(IPage page)
    {
        Page = page;
        page.SetDefaultTimeout(30_000);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Add($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _errors.Add(error);
    }

    public IPage Page { get; }

    public ILocator Test(string id) => Page.GetByTestId(id);

    public async Task SignInAsync()
    {
        await Page.GotoAsync("/account/sign-in");
        await Test("email").FillAsync(HubFactory.AdminEmail);
        await Test("password").FillAsync(HubFactory.AdminPassword);
        await Test("sign-in").ClickAsync();
        // Not the event of loading, which Playwright can miss on a busy machine: what a person sees.
        await Page.WaitForURLAsync("**/", new() { WaitUntil = WaitUntilState.Commit });
        await Page.Locator("[data-interactive=true]").WaitForAsync();
    }

    /// <summary>Opens a page and waits until its buttons work.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("[data-interactive=true]").WaitForAsync();
    }

    /// <summary>What axe finds: contrast, names of controls, labels.</summary>
    public async Task<IReadOnlyList<string>> FaultsOfAccessAsync()
    {
        var result = await Page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa") });
        return [.. result.Violations.SelectMany(v => v.Nodes.Select(n => $"{v.Id}: {n.Html}"))];
    }

    /// <summary>For a test that provokes errors.</summary>
    public void ForgetErrors() => _errors.Clear();

    public Task<bool> ScrollsSidewaysAsync() => Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth");

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        Assert.True(_errors.Count == 0, string.Join("\n", _errors));
    }
}
