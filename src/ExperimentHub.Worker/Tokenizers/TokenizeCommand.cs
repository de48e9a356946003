using System.Text;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker.Tokenizers;

/// <summary><c>worker tokenize</c>: texts as a model reads them, one JSON line each.</summary>
internal static class TokenizeCommand
{
    private const int LinesAtATime = 1000;

    public static Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("tokenize", arguments, ["model", "file", "pair", "max-length"], ["no-special-tokens"]);
        var (texts, file) = (line.Alone, line.Text("file"));
        if (texts.Count == 0 == (file is null))
        {
            throw line.Fault("give texts, or one of a file a line with --file FILE");
        }

        var tokenizer = Tokenizer.Load(line.Required("model"));
        var options = new EncodeOptions { AddSpecialTokens = !line.Has("no-special-tokens"), MaxLength = line.Integer("max-length", 0) is > 0 and var longest ? longest : null };
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        foreach (var some in (file is null ? texts : Lines(file)).Chunk(LinesAtATime))
        {
            foreach (var encoding in tokenizer.EncodeRows(some, line.Text("pair") is { } pair ? [.. some.Select(_ => pair)] : null, options))
            {
                output.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        encoding.Ids,
                        Tokens = encoding.Ids.Select(tokenizer.IdToToken),
                        Offsets = encoding.Starts.Zip(encoding.Ends, (start, end) => new[] { start, end }),
                        encoding.TypeIds,
                        SpecialTokensMask = Enumerable.Range(0, encoding.Length).Select(i => encoding.IsSpecial(i) ? 1 : 0),
                        encoding.Truncated,
                    },
                    WireJson.Options));
            }
        }

        return Task.FromResult(0);
    }

    private static IEnumerable<string> Lines(string file) =>
        File.Exists(file) ? File.ReadLines(file) : throw new InputException($"There is no file {InputException.Quote(file, 200)}.", "worker.no_file", InputException.Quote(file, 200));
}
