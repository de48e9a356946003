using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>Turns whatever ended a command into one sentence for the person who has to act; the details go to stderr.</summary>
internal static class Failure
{
    private const int DiskFullOnUnix = 28;
    private const int FileTooLargeOnUnix = 27;
    private const int QuotaOnUnix = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>Prints the sentence (and the details of what nobody expected) to stderr, and gives the exit code.</summary>
    public static int Report(Exception e)
    {
        var (sentence, _, expected) = Describe(e);
        if (!expected)
        {
            Console.Error.WriteLine(e);
        }

        Console.Error.WriteLine(sentence);   // last: the parent shows the last line of stderr
        return 1;
    }

    public static FinishedEvent ToEvent(Exception e, long step)
    {
        var (sentence, code, _) = Describe(e);
        return new FinishedEvent
        {
            Outcome = Outcomes.Failed,
            Step = step,
            Error = sentence,
            ErrorCode = code,
            ErrorArguments = e is InputException input
                ? [.. input.Arguments.Select(a => Convert.ToString(a, System.Globalization.CultureInfo.InvariantCulture) ?? "")]
                : null,
        };
    }

    private static (string Sentence, string Code, bool Expected) Describe(Exception e) => e switch
    {
        InputException input => (input.Message, input.Code, true),
        OutOfMemoryException => OutOfMemory,
        // torch reports every fault of its own as one type; only the text tells.
        System.Runtime.InteropServices.ExternalException when IsOutOfMemory(e.Message) => OutOfMemory,
        IOException when e.HResult is DiskFullOnUnix or FileTooLargeOnUnix or QuotaOnUnix or DiskFullOnWindows =>
            ("The disk is full, or what may be written to it is used up; free some space and resume.", "worker.disk_full", true),
        UnauthorizedAccessException =>
            ("The worker may not write to its folder; check the permissions of the data directory.", "worker.permission", false),
        DllNotFoundException or TypeInitializationException or NotSupportedException when e.ToString().Contains("LibTorch", StringComparison.OrdinalIgnoreCase) =>
            ("The library libtorch could not be loaded; build the worker on this machine again.", "worker.libtorch", false),
        _ => ($"The worker stopped on an unexpected fault ({InputException.Quote(e.GetType().Name)}); its error log has the details.", "worker.unexpected", false),
    };

    private static (string, string, bool) OutOfMemory =>
        ("The machine ran out of memory; use a smaller batch_size or max_length, or a smaller model.", "worker.out_of_memory", false);

    private static bool IsOutOfMemory(string message) =>
        message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase) ||
        message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase) ||
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase);
}
