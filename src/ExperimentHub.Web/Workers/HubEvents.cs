using System.Collections.Concurrent;

namespace ExperimentHub.Web.Workers;

/// <summary>
/// "Something about run 42 changed": events without data. Subscribers read again, so a missed or doubled one does no harm. A topic is
/// told at once when it was quiet, then at most every 100 ms, and always once more after the last change.
/// </summary>
public sealed class HubEvents : IDisposable
{
    /// <summary>A run was made, changed its state or was deleted.</summary>
    public const string Runs = "runs";

    /// <summary>Some run reported: points, progress, a log line.</summary>
    public const string Reports = "reports";

    public const string Jobs = "jobs";
    public const string Datasets = "datasets";
    public const string Models = "models";
    public const string Tokenizers = "tokenizers";

    private static readonly TimeSpan s_tellEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Topic> _topics = new();
    private readonly Timer _timer;

    public HubEvents() => _timer = new Timer(_ => TellWaiting(), null, s_tellEvery, s_tellEvery);

    public static string Run(int id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"run:{id}");

    public static string Job(int id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"job:{id}");

    /// <summary>Calls <paramref name="changed"/> (which must return at once) after each change, until disposed.</summary>
    public IDisposable Subscribe(string topic, Action changed)
    {
        var entry = _topics.GetOrAdd(topic, _ => new Topic());
        lock (entry)
        {
            entry.Subscribers = [.. entry.Subscribers, changed];
        }

        return new Subscription(entry, changed);
    }

    public void Publish(string topic)
    {
        if (!_topics.TryGetValue(topic, out var entry))
        {
            return;
        }

        lock (entry)
        {
            if (Environment.TickCount64 - entry.ToldAt < s_tellEvery.TotalMilliseconds)
            {
                entry.Waiting = true;
                return;
            }
        }

        Tell(entry);
    }

    public void Dispose() => _timer.Dispose();

    private void TellWaiting()
    {
        foreach (var entry in _topics.Values)
        {
            if (entry.Waiting)
            {
                Tell(entry);
            }
        }
    }

    private static void Tell(Topic entry)
    {
        Action[] subscribers;
        lock (entry)
        {
            entry.Waiting = false;
            entry.ToldAt = Environment.TickCount64;
            subscribers = entry.Subscribers;
        }

        foreach (var subscriber in subscribers)
        {
            subscriber();
        }
    }

    private sealed class Topic
    {
        public Action[] Subscribers { get; set; } = [];

        public long ToldAt { get; set; }

        public volatile bool Waiting;
    }

    private sealed class Subscription(Topic topic, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (topic)
            {
                topic.Subscribers = [.. topic.Subscribers.Where(s => s != changed)];
            }
        }
    }
}
