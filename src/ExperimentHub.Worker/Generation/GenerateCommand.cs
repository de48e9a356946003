using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Worker.Generation;

/// <summary><c>worker generate</c>: a model writes to the terminal, token by token; Ctrl+C ends the text.</summary>
internal static class GenerateCommand
{
    private const int NewTokensWhenUnsaid = 256;

    /// <summary>What a shell expects of a program that Ctrl+C ended.</summary>
    private const int Interrupted = 130;

    public static Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("generate", arguments, ["system", "set", "max-new-tokens", "seed", "dtype", "threads", "device"], ["raw"]);
        var (folder, prompt) = line.Alone switch
        {
            [var model, var text] => (model, text),
            [var model] when Console.IsInputRedirected => (model, Console.In.ReadToEnd().TrimEnd('\n')),
            _ => throw line.Fault("give a model folder and a prompt, or the prompt on standard input"),
        };
        TorchThreads.Set(line.Integer("threads", 0));
        using var generator = TextGenerator.Load(folder, ComputeDevice.Resolve(line.Text("device") ?? ComputeDevice.Cpu), line.Text("dtype") switch
        {
            null or "fp32" => false,
            "bf16" => true,
            _ => throw line.Fault("--dtype must be fp32 or bf16"),
        });
        var settings = Settings(line, generator.Settings);
        var tokens = generator.Templates is null || line.Has("raw") ? generator.Encode(prompt) : generator.Encode(Conversation(line, prompt));
        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            cancellation.Cancel();
        };
        return Task.FromResult(Write(generator, tokens, settings, cancellation.Token));
    }

    private static int Write(TextGenerator generator, int[] tokens, GenerationSettings settings, CancellationToken cancellation)
    {
        var streams = settings is { NumBeams: 1, NumReturnSequences: 1 };
        var text = generator.Tokenizer.Stream();
        try
        {
            var texts = generator.Generate(tokens, settings, streams ? token => Console.Out.Write(text.Add(token.Token)) : null, cancellation);
            foreach (var whole in streams ? [text.Finish()] : texts.Select(t => generator.Tokenizer.Decode([.. t.Tokens])))
            {
                Console.Out.WriteLine(whole);
            }

            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine(text.Finish());
            return Interrupted;
        }
    }

    private static ChatRequest Conversation(CommandLine line, string prompt)
    {
        var user = new ChatMessage("user", prompt);
        var request = line.Text("system") is { } system ? ChatRequest.Of(new ChatMessage("system", system), user) : ChatRequest.Of(user);
        return request with { AddGenerationPrompt = true };
    }

    /// <summary>The model's settings, with those of the command line over them: <c>--set top_p=0.9</c> as in generation_config.json.</summary>
    private static GenerationSettings Settings(CommandLine line, GenerationSettings settings)
    {
        var json = new JsonObject();
        foreach (var pair in line.All("set"))
        {
            if (pair.Split('=', 2) is not [var name, var value])
            {
                throw line.Fault("--set needs name=value");
            }

            json[name] = Value(value);
        }

        settings = GenerationSettingsReader.Read(JsonSerializer.SerializeToElement(json), settings, "--set");
        var most = line.Integer("max-new-tokens", settings.MaxNewTokens ?? (settings.MaxLength is null ? NewTokensWhenUnsaid : 0));
        return settings with { MaxNewTokens = most > 0 ? most : null, Seed = (ulong)line.Integer("seed", (int)settings.Seed) };
    }

    /// <summary>A value as JSON writes it; what is no JSON is text.</summary>
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
