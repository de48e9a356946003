using System.Globalization;
using ExperimentHub.Engine.Checkpoints;

namespace ExperimentHub.Worker.Models;

/// <summary><c>worker convert</c>: a model folder anew, its weights as safetensors of one element type, in one file or in shards.</summary>
internal static class ConvertCommand
{
    private static readonly (string Unit, long Bytes)[] s_units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1), ("", 1)];

    public static Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("convert", arguments, ["dtype", "max-shard-size"], []);
        if (line.Alone is not [var source, var target])
        {
            throw line.Fault("name the folder of a model and one that does not exist");
        }

        WeightConversion.Run(source, target, TypeOf(line), SizeOf(line));
        using var written = WeightFiles.Open(target);
        Console.WriteLine($"{target}: {written.Label}, {WeightSummary.Of(written)}");
        return Task.FromResult(0);
    }

    private static SafetensorsType? TypeOf(CommandLine line) => line.Text("dtype")?.ToUpperInvariant() switch
    {
        null => null,
        "F32" or "FLOAT32" => SafetensorsType.F32,
        "F16" or "FLOAT16" => SafetensorsType.F16,
        "BF16" or "BFLOAT16" => SafetensorsType.BF16,
        _ => throw line.Fault("--dtype is F32, F16 or BF16"),
    };

    private static long SizeOf(CommandLine line)
    {
        if (line.Text("max-shard-size") is not { } text)
        {
            return WeightFolder.UsualShard;
        }

        var (unit, bytes) = s_units.First(u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * bytes is >= 1 and < 1e15
            ? (long)(number * bytes)
            : throw line.Fault("--max-shard-size is a size such as 5GB or 500MB");
    }
}
