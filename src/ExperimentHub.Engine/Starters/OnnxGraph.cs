namespace ExperimentHub.Engine.Starters;

/// <summary>A constant tensor of an ONNX graph.</summary>
internal sealed record OnnxTensor(string Name, IReadOnlyList<long> Shape, int ElementType, ReadOnlyMemory<byte> Data)
{
    internal const int Float32 = 1;
    internal const int Int64 = 7;
}

/// <summary>One operation: what it reads and what it gives.</summary>
internal sealed record OnnxNode(string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>The operations and constants of an ONNX model (onnx.proto, IR version 7), no more than is needed to find its weights.</summary>
internal sealed class OnnxGraph
{
    internal List<OnnxNode> Nodes { get; } = [];

    internal Dictionary<string, OnnxTensor> Tensors { get; } = new(StringComparer.Ordinal);

    internal static OnnxGraph Read(ReadOnlyMemory<byte> model)
    {
        const int Graph = 7;
        var reader = new ProtobufReader(model);
        while (reader.Read())
        {
            if (reader.Field == Graph)
            {
                return ReadGraph(reader.Bytes);
            }
        }

        throw new InputException("The starter's model.onnx has no graph; restore the package again.", "starter.onnx");
    }

    private static OnnxGraph ReadGraph(ReadOnlyMemory<byte> bytes)
    {
        const int Node = 1;
        const int Initializer = 5;
        var graph = new OnnxGraph();
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == Node)
            {
                graph.Nodes.Add(ReadNode(reader.Bytes));
            }
            else if (reader.Field == Initializer)
            {
                var tensor = ReadTensor(reader.Bytes);
                graph.Tensors[tensor.Name] = tensor;
            }
        }

        return graph;
    }

    private static OnnxNode ReadNode(ReadOnlyMemory<byte> bytes)
    {
        var (inputs, outputs, operation) = (new List<string>(), new List<string>(), "");
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(reader.Text);
                    break;
                case 2:
                    outputs.Add(reader.Text);
                    break;
                case 4:
                    operation = reader.Text;
                    break;
            }
        }

        return new OnnxNode(operation, inputs, outputs);
    }

    private static OnnxTensor ReadTensor(ReadOnlyMemory<byte> bytes)
    {
        var (shape, name, type, data) = (new List<long>(), "", 0, ReadOnlyMemory<byte>.Empty);
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    shape.AddRange(reader.Numbers());
                    break;
                case 2:
                    type = (int)reader.Number;
                    break;
                case 8:
                    name = reader.Text;
                    break;
                case 9:
                    data = reader.Bytes;
                    break;
            }
        }

        return new OnnxTensor(name, shape, type, data);
    }
}
