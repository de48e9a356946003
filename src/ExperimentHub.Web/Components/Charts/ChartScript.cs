using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ExperimentHub.Web.Components.Charts;

/// <summary><c>js/charts.js</c> in one circuit. A circuit that is gone needs nothing drawn, so its absence is no fault.</summary>
internal sealed class ChartScript(IJSObjectReference module)
{
    public static async Task<ChartScript> LoadAsync(IJSRuntime js) =>
        new(await js.InvokeAsync<IJSObjectReference>("import", "./js/charts.js"));

    public ValueTask CreateAsync(ElementReference panel, object options) => module.InvokeVoidAsync("create", panel, options);

    public ValueTask UpdateAsync(ElementReference panel, object options) => module.InvokeVoidAsync("update", panel, options);

    /// <summary>Hands new points (a JSON array of slices) to every chart that shows their curve.</summary>
    public ValueTask PushAsync(string slices) => module.InvokeVoidAsync("push", slices);

    /// <summary>Loads the curves of a run again: some of their points no longer count.</summary>
    public ValueTask ReloadAsync(int run) => module.InvokeVoidAsync("reload", run);

    public async ValueTask DisposeAsync(ElementReference panel)
    {
        try
        {
            await module.InvokeVoidAsync("dispose", panel);
            await module.DisposeAsync();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The page is closed; the browser has dropped the chart with it.
        }
    }
}
