using System.Diagnostics;
using System.Text;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>worker bench tokenize</c>: the lines of a file to ids, as fast as it goes.</summary>
internal static class BenchTokenize
{
    private const int Repeats = 3;

    /// <summary>Long enough for the code to be compiled as well as it will be.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    public static void Run(string[] arguments)
    {
        var line = new CommandLine("bench tokenize", arguments, ["tokenizer", "file", "threads"], []);
        var tokenizer = Tokenizer.Load(line.Required("tokenizer"));
        var lines = File.ReadAllText(line.Required("file")).TrimEnd('\n').Split('\n');
        var bytes = lines.Sum(l => (long)Encoding.UTF8.GetByteCount(l));
        var options = new EncodeOptions { AddSpecialTokens = false };
        var threads = line.Integer("threads", 1);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < s_warmUp)
        {
            tokenizer.EncodeBatch(lines, null, options, threads);
        }

        var best = double.MaxValue;
        var tokens = 0;
        for (var i = 0; i < Repeats; i++)
        {
            var began = Stopwatch.GetTimestamp();
            tokens = tokenizer.EncodeBatch(lines, null, options, threads).Ids.Length;
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Output.Json(new { What = "tokenize", Lines = lines.Length, Mb = Math.Round(bytes / 1e6, 3), Tokens = tokens, MbPerS = Math.Round(bytes / 1e6 / best, 2) });
    }
}
