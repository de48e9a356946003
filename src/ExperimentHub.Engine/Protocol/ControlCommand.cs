using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExperimentHub.Engine.Protocol;

/// <summary>One line of <c>control.jsonl</c>: what the hub asks of a worker.</summary>
public sealed record ControlCommand
{
    public required long Seq { get; init; }

    /// <summary>One of <see cref="Commands"/>.</summary>
    public required string Command { get; init; }

    public required string Token { get; init; }

    public DateTimeOffset Time { get; init; }

    /// <summary>The learning rate of <see cref="Commands.SetLearningRate"/>.</summary>
    public JsonNode? Value { get; init; }
}

public static class Commands
{
    /// <summary>Save a checkpoint, then stop.</summary>
    public const string Stop = "stop";

    /// <summary>Stop at once; nothing more is saved.</summary>
    public const string Cancel = "cancel";

    public const string CheckpointNow = "checkpoint_now";

    public const string EvaluateNow = "evaluate_now";

    public const string SetLearningRate = "set_learning_rate";
}

/// <summary>Appends commands; the hub's side.</summary>
public static class ControlWriter
{
    public static void Append(JobFolder folder, string token, long seq, string command, double? value = null)
    {
        var line = JsonSerializer.Serialize(
            new ControlCommand { Seq = seq, Command = command, Token = token, Time = DateTimeOffset.UtcNow, Value = value },
            WireJson.Options);
        using var file = new FileStream(folder.ControlFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length > 0)
        {
            file.Position = file.Length - 1;
            line = file.ReadByte() == '\n' ? line : "\n" + line;   // a torn line must not swallow this one
        }

        file.Position = file.Length;
        file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
    }
}

/// <summary>
/// Reads commands as they come; the worker's side, asked between steps. A line that is no command, carries another token or is not
/// whole yet is passed over; the same command with a sequence number seen before is obeyed once.
/// </summary>
public sealed class ControlReader(JobFolder folder, string token)
{
    private const int MaxLineBytes = 64 << 10;

    private static readonly HashSet<string> s_known =
        [Commands.Stop, Commands.Cancel, Commands.CheckpointNow, Commands.EvaluateNow, Commands.SetLearningRate];

    private long _offset;
    private long _lastSeq;

    /// <summary>Lines that were not obeyed since the last call, each with its reason; for the log.</summary>
    public List<string> Ignored { get; } = [];

    public IReadOnlyList<ControlCommand> Read()
    {
        var file = new FileInfo(folder.ControlFile);
        if (!file.Exists || file.Length <= _offset)
        {
            return [];
        }

        using var stream = new FileStream(folder.ControlFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = _offset;
        var bytes = new byte[Math.Min(stream.Length - _offset, 1 << 20)];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var text = bytes.AsSpan(0, read);
        var obeyed = new List<ControlCommand>();
        while (text.IndexOf((byte)'\n') is var end and >= 0)
        {
            if (Parse(text[..end]) is { } command)
            {
                obeyed.Add(command);
            }

            _offset += end + 1;
            text = text[(end + 1)..];
        }

        if (text.Length > MaxLineBytes)
        {
            Ignored.Add("A line of control.jsonl is too long.");
            _offset += text.Length;
        }

        return obeyed;
    }

    private ControlCommand? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxLineBytes || line.Trim(" \r\t"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            var command = JsonSerializer.Deserialize<ControlCommand>(line, WireJson.Options);
            if (command is null || !s_known.Contains(command.Command))
            {
                Ignored.Add($"Unknown command '{InputException.Quote(command?.Command)}'.");
                return null;
            }

            if (command.Token != token)
            {
                Ignored.Add($"'{command.Command}' is for another attempt.");
                return null;
            }

            if (command.Seq <= _lastSeq)
            {
                return null;
            }

            if (command.Command == Commands.SetLearningRate &&
                !(command.Value is JsonValue value && value.TryGetValue<double>(out var rate) && rate is > 0 and <= 1))
            {
                Ignored.Add("A learning rate must be a number above 0 and at most 1.");
                return null;
            }

            _lastSeq = command.Seq;
            return command;
        }
        catch (JsonException)
        {
            Ignored.Add("A line of control.jsonl is not a command.");
            return null;
        }
    }
}
