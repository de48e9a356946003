using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>
/// Threads that share pieces of work of some ten microseconds: a decoding step has dozens of them, and to start each through the thread
/// pool would cost as much as doing it. A helper that has nothing to do looks for work for a moment and then sleeps; the caller does
/// whatever no helper has taken, so a helper that another program keeps from running delays nothing but the piece in its hands.
/// </summary>
internal sealed unsafe class ThreadTeam
{
    /// <summary>How often a helper looks before it sleeps: some twenty microseconds, the time between two products of a step.</summary>
    private const int Looks = 400;

    /// <summary>Pieces a thread: enough for the faster one to take over from the slower.</summary>
    private const int PiecesPerThread = 4;

    private static readonly Lazy<ThreadTeam> s_shared = new(() => new ThreadTeam(get_num_threads() - 1));

    private readonly Lock _oneAtATime = new();
    private readonly object _bed = new();
    private readonly int _helpers;

    private delegate*<void*, int, int, void> _work;
    private void* _state;
    private int _count;
    private int _piece;
    private int _next;
    private int _round;
    private int _open;
    private int _inside;
    private int _asleep;

    public ThreadTeam(int helpers)
    {
        _helpers = helpers;
        for (var i = 0; i < helpers; i++)
        {
            new Thread(Help) { IsBackground = true, Name = "decoding helper" }.Start();
        }
    }

    /// <summary>As many threads as torch has.</summary>
    public static ThreadTeam Shared => s_shared.Value;

    /// <summary>Calls <paramref name="work"/> with the state and with ranges that together are 0 to <paramref name="count"/>; comes back when all are done.</summary>
    public void Run(delegate*<void*, int, int, void> work, void* state, int count)
    {
        if (_helpers == 0)
        {
            work(state, 0, count);
            return;
        }

        lock (_oneAtATime)
        {
            _work = work;
            _state = state;
            _count = count;
            _next = 0;
            _piece = Math.Max(1, (count + ((_helpers + 1) * PiecesPerThread) - 1) / ((_helpers + 1) * PiecesPerThread));
            Interlocked.Exchange(ref _open, 1);
            Interlocked.Increment(ref _round);
            if (Volatile.Read(ref _asleep) > 0)
            {
                lock (_bed)
                {
                    Monitor.PulseAll(_bed);
                }
            }

            TakePieces();
            Interlocked.Exchange(ref _open, 0);
            var wait = new SpinWait();
            while (Volatile.Read(ref _inside) > 0)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    private void Help()
    {
        var seen = 0;
        while (true)
        {
            seen = NextRound(seen);
            Interlocked.Increment(ref _inside);
            if (Volatile.Read(ref _open) == 1)   // else the caller is done with it, and what it shared may be gone
            {
                TakePieces();
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    private int NextRound(int seen)
    {
        for (var i = 0; i < Looks; i++)
        {
            if (Volatile.Read(ref _round) != seen)
            {
                return Volatile.Read(ref _round);
            }

            Thread.SpinWait(4);
        }

        // Told of as asleep before the last look: whoever begins a round after that look sees a sleeper and wakes it.
        Interlocked.Increment(ref _asleep);
        lock (_bed)
        {
            while (Volatile.Read(ref _round) == seen)
            {
                Monitor.Wait(_bed);
            }
        }

        Interlocked.Decrement(ref _asleep);
        return Volatile.Read(ref _round);
    }

    private void TakePieces()
    {
        while (true)
        {
            var begin = Interlocked.Add(ref _next, _piece) - _piece;
            if (begin >= _count)
            {
                return;
            }

            _work(_state, begin, Math.Min(_count, begin + _piece));
        }
    }
}
