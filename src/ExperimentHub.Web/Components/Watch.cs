using System.Globalization;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Keeps a page up to date: it refreshes once at the start (for what changed after the page was read and before it listened) and after a
/// notice of one of its topics; notices that come meanwhile are folded into one more refresh. What a refresh throws goes to
/// <paramref name="failed"/> (a component's <c>DispatchExceptionAsync</c>). A notice comes from a thread that speaks no language, so the
/// refresh takes that of whoever made the watch: else a Chinese page would turn English.
/// </summary>
/// <param name="events">Where the notices come from.</param>
/// <param name="refresh">Reads again and shows it.</param>
/// <param name="failed">Is told of what it throws.</param>
/// <param name="rest">At least so long between two refreshes: a list need not be as fresh as a curve.</param>
internal sealed class Watch(HubEvents events, Func<Task> refresh, Func<Exception, Task> failed, TimeSpan rest = default) : IDisposable
{
    private readonly Dictionary<string, IDisposable> _subscriptions = [];
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _language = CultureInfo.CurrentUICulture;
    private int _asked;
    private volatile bool _disposed;

    public Watch On(params ReadOnlySpan<string> topics)
    {
        foreach (var topic in topics)
        {
            if (!_subscriptions.ContainsKey(topic))
            {
                _subscriptions[topic] = events.Subscribe(topic, Changed);
                Changed();
            }
        }

        return this;
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Dispose();
        }
    }

    private void Changed()
    {
        if (Interlocked.Increment(ref _asked) == 1)
        {
            _ = Task.Run(RefreshAsync);
        }
    }

    private async Task RefreshAsync()
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_culture, _language);
        int seen;
        do
        {
            seen = Volatile.Read(ref _asked);
            try
            {
                if (!_disposed)
                {
                    await refresh();
                    await Task.Delay(rest);
                }
            }
            catch (Exception e)
            {
                if (!_disposed)
                {
                    await failed(e);
                }
            }
        }
        while (Interlocked.Add(ref _asked, -seen) > 0);
    }
}
