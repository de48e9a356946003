using System.Diagnostics;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Families;
using static TorchSharp.torch;
using Generator = ExperimentHub.Engine.Generation.Generator;

namespace ExperimentHub.Worker;

/// <summary><c>worker bench generate</c>: greedy search of a given length with a model of a folder, or with one of random weights in a given shape.</summary>
internal static class BenchGenerate
{
    private const int Repeats = 3;

    private static readonly string[] s_options = ["model", "layers", "width", "heads", "kv-heads", "ffn", "vocab", "block", "family", "prompt", "new", "batch", "dtype", "threads", "repeats"];

    public static void Run(string[] arguments)
    {
        // --plain takes torch's operators only, not the kernels for single tokens.
        var line = new CommandLine("bench generate", arguments, s_options, ["plain"]);
        TorchThreads.Set(line.Integer("threads", 0));
        var (prompt, more, batch) = (line.Integer("prompt", 32), line.Integer("new", 128), line.Integer("batch", 1));
        var half = (line.Text("dtype") ?? "fp32") switch
        {
            "fp32" => false,
            "bf16" => true,
            _ => throw line.Fault("--dtype must be fp32 or bf16"),
        };
        random.manual_seed(0);
        using var model = Model(line);
        if (half)
        {
            foreach (var master in model.ConvertToBFloat16(keepWordEmbeddings: false).Values)
            {
                master.Dispose();
            }
        }

        var prompts = Enumerable.Range(0, batch).Select(row => Enumerable.Range(0, prompt).Select(i => 1 + (int)(CounterRandom.Uniform(0, (ulong)row, (ulong)i) * (model.Config.VocabSize - 1))).ToArray()).ToList();
        var settings = new GenerationSettings { MaxNewTokens = more, MinNewTokens = more, EosTokenId = [2] };
        var times = new List<double>();
        for (var i = 0; i < line.Integer("repeats", Repeats); i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var decoding = new DecoderDecoding(model, line.Has("plain"));
            Generator.Generate(decoding, prompts, settings);
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        var seconds = times.Order().ElementAt(times.Count / 2);
        var parameters = model.Weights.Sum(w => w.Elements);
        Output.Json(new
        {
            What = "generate",
            Loop = line.Has("plain") ? "plain" : "fast",
            Params = parameters,
            Dtype = half ? "bf16" : "fp32",
            Batch = batch,
            Prompt = prompt,
            New = more,
            Seconds = Math.Round(seconds, 3),
            TokensPerS = Math.Round(batch * more / seconds, 2),
            WeightGbPerS = Math.Round(parameters * (half ? 2 : 4) * (double)more / seconds / 1e9, 2),
            PeakMb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            Threads = get_num_threads(),
        });
    }

    private static DecoderModel Model(CommandLine line)
    {
        if (line.Text("model") is { } folder)
        {
            return ModelLoader.Load(folder) as DecoderModel ?? throw line.Fault("--model is no decoder");
        }

        var (width, heads) = (line.Integer("width", 384), line.Integer("heads", 6));
        var (layers, vocabulary) = (line.Integer("layers", 6), line.Integer("vocab", 8192));
        return (DecoderModel)ModelLoader.Create(
            (line.Text("family") ?? "llama") switch
            {
                "llama" => new LlamaConfig
                {
                    VocabSize = vocabulary,
                    HiddenSize = width,
                    Layers = layers,
                    Heads = heads,
                    KeyValueHeads = line.Integer("kv-heads", heads),
                    IntermediateSize = line.Integer("ffn", Math.Max(64, width * 8 / 3 / 64 * 64)),
                    MaxPositions = 2048,
                    TiesWordEmbeddings = true,
                },
                "gpt2" => new Gpt2Config
                {
                    VocabSize = vocabulary,
                    HiddenSize = width,
                    Layers = layers,
                    Heads = heads,
                    IntermediateSize = 4 * width,
                    MaxPositions = Math.Max(line.Integer("block", 256), 1024),
                },
                _ => throw line.Fault("--family must be llama or gpt2"),
            },
            ModelHead.CausalLanguageModel);
    }
}
