using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Events as the hub reads them; one input in twenty goes into the store and is read back.</summary>
internal sealed class FuzzedEvents : IDisposable
{
    private readonly MetricWriter _writer;
    private readonly MetricReader _reader;
    private int _number;

    public FuzzedEvents(string scratch)
    {
        var options = Options.Create(new HubOptions { DataDirectory = Path.Combine(scratch, "hub") });
        var database = new MetricDatabase(new HubPaths(options, Host.CreateEmptyApplicationBuilder(null).Environment), options);
        _writer = new MetricWriter(database, NullLogger<MetricWriter>.Instance);
        _reader = new MetricReader(database);
    }

    public void Read(byte[] bytes)
    {
        var attempt = new AttemptKey(++_number, _number, 1);
        var batch = EventParser.Parse(attempt, "t", ReadPosition.Start, bytes, complete: true);
        if (_number % 20 != 0)
        {
            return;
        }

        var stored = _writer.WriteAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (!stored.Wait(TimeSpan.FromSeconds(60)))
        {
            throw new InvalidOperationException($"The events were not stored: {_writer.Fault}");
        }

        foreach (var summary in _reader.Summaries(_number))
        {
            _reader.Read(_number, summary.Key, maxPoints: 100);
        }

        _reader.Log(_number);
        _reader.Marks(_number);
        _reader.Attempt(_number);
    }

    public void Dispose() => _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
