using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Small state dicts as <c>torch.save</c> writes them, now and before 1.6: two tensors over two storages of 32 and 16 bytes.</summary>
internal static class PickleSeeds
{
    public static IReadOnlyList<byte[]> Pickles { get; } = [State(viewsInStorage: false), Parameters()];

    public static IReadOnlyList<byte[]> Legacy { get; } = [LegacyFile()];

    public static IReadOnlyList<string> Words { get; } =
    [
        "cposix\nsystem\n", "ctorch\nFloatStorage\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "(", ")", "R", "t", "u", "s", "b", "Q", "}", "]", "a", "e", "l", "d",
        "0", "1", "2", "q\0", "h\0", "p0\n", "g0\n", "i__builtin__\neval\n", "o", "\u0001", "S'posix'\n", "Vname\\u00e9\n", "I00\n", "L12345678901234567890L\n", "F1e999\n", "N", "K\u0001", "J\u007f\u007f\u007f\u007f", ".",
    ];

    /// <summary>The zip that holds such a pickle.</summary>
    public static byte[] Zip(byte[] pickle)
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in new (string, byte[])[] { ("archive/data.pkl", pickle), ("archive/byteorder", "little"u8.ToArray()), ("archive/data/0", new byte[32]), ("archive/data/1", new byte[16]) })
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }

    private static byte[] State(bool viewsInStorage)
    {
        var pickle = new PickleWriter().Raw("\u0080\u0002").Name("collections", "OrderedDict").Raw("q\0)Rq\u0001(");
        pickle.Text("a.weight").Tensor("FloatStorage", "0", 8, viewsInStorage, "K\u0002K\u0004\u0086", "K\u0001K\u0002\u0086");
        pickle.Text("a.bias").Tensor("HalfStorage", "1", 8, viewsInStorage, "K\u0008\u0085", "K\u0001\u0085");
        return pickle.Raw("u}X\u0009\0\0\0_metadatah\0)Rsb.").ToArray();
    }

    /// <summary>The same with protocol 4: framed, names from the stack, memoised; and the tensors wrapped as parameters.</summary>
    private static byte[] Parameters()
    {
        var pickle = new PickleWriter().Raw("\u0080\u0004}\u0094(").Text("w").Name("torch._utils", "_rebuild_parameter").Raw("(");
        pickle.Tensor("FloatStorage", "0", 8, views: false, "(K\u0008t", "(K\u0001t");
        return pickle.Raw("\u0088").Name("collections", "OrderedDict").Raw(")RtRu.").ToArray();
    }

    private static byte[] LegacyFile()
    {
        var file = new MemoryStream();
        file.Write([0x80, 2, 0x8A, 10, .. Convert.FromHexString("6CFC9C46F9206AA85019"), (byte)'.']);
        file.Write([0x80, 2, (byte)'M', 0xE9, 0x03, (byte)'.']);
        file.Write(new PickleWriter().Raw("\u0080\u0002}(").Text("little_endian").Raw("\u0088u.").ToArray());
        file.Write(State(viewsInStorage: true));
        file.Write(new PickleWriter().Raw("\u0080\u0002](").Text("0").Text("1").Raw("e.").ToArray());
        foreach (var bytes in new[] { 32, 16 })
        {
            var elements = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(elements, 8);
            file.Write(elements);
            file.Write(new byte[bytes]);
        }

        return file.ToArray();
    }

    /// <summary>Opcodes one after the other; a character is a byte.</summary>
    private sealed class PickleWriter
    {
        private readonly List<byte> _bytes = [];

        public PickleWriter Raw(string opcodes)
        {
            _bytes.AddRange(Encoding.Latin1.GetBytes(opcodes));
            return this;
        }

        public PickleWriter Text(string text) => Raw($"X{(char)text.Length}\0\0\0{text}");

        public PickleWriter Name(string module, string name) => Raw($"c{module}\n{name}\n");

        public void Tensor(string type, string key, int elements, bool views, string sizes, string strides, string offset = "K\0")
        {
            Name("torch._utils", "_rebuild_tensor_v2").Raw("((").Text("storage").Name("torch", type).Text(key).Text("cpu").Raw($"K{(char)elements}{(views ? "N" : "")}tQ{offset}{sizes}{strides}\u0089");
            Name("collections", "OrderedDict").Raw(")RtR");
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
