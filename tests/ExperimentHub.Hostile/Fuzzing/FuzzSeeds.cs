using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Small right contents from which the inputs are made, and what wraps them.</summary>
internal static class FuzzSeeds
{
    private const string Rows = "text,label\na fine day,good\n\"a grey, wet day\",bad\n\"she said \"\"no\"\"\",bad\n很好,good\n";

    private static readonly string[] s_words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "film", "was", "not", "good", "##ly", "##s", ",", "!", "电", "影"];

    /// <summary>A byte-level vocabulary of the 256 bytes and a few tokens that merges lead to.</summary>
    public static string ByteVocabulary { get; } = "{" + string.Join(',', ByteTokens().Select((t, id) => $"{JsonSerializer.Serialize(t)}:{id}")) + "}";

    public static IReadOnlyList<byte[]> Tables { get; } =
    [
        Utf8(Rows), Utf8(Rows.Replace(',', '\t')), Utf8(Rows.Replace("\n", "\r\n", StringComparison.Ordinal)), Utf8("\uFEFF" + Rows.Replace("\n", "\r", StringComparison.Ordinal)),
        Encoding.Unicode.GetBytes(Rows), Encoding.BigEndianUnicode.GetBytes(Rows), Utf8("id;text;label;split\n1;one;a;train\n2;two;b;test\n3;three;a;train\n"),
        CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes("文本,标签\n演员的表演令人难忘,好\n剧情拖沓,坏\n还不错,好\n"),
    ];

    public static IReadOnlyList<byte[]> JsonLines { get; } =
    [
        Utf8("{\"text\":\"a fine day\",\"label\":\"good\"}\n{\"text\":\"a grey day\",\"label\":\"bad\",\"score\":0.5}\n\n{\"text\":\"\\u597d\\ud83d\\ude00\",\"label\":\"good\",\"more\":{\"a\":[1,2]}}\n"),
        Utf8("{\"premise\":\"a\",\"hypothesis\":\"b\",\"label\":0}\n{\"premise\":\"c\",\"hypothesis\":\"d\",\"label\":1}\n"),
    ];

    public static IReadOnlyList<byte[]> JsonLists { get; } =
    [
        Utf8("[{\"text\":\"a fine day\",\"label\":\"good\"},\n{\"text\":\"a grey day\",\"label\":\"bad\"},\n{\"text\":\"]}\\\"{[\",\"label\":\"bad\",\"n\":null}]\n"),
        Utf8("[\"one text\", \"another\", \"a third\"]"),
    ];

    public static IReadOnlyList<byte[]> Tars { get; } = [Tar(TarEntryFormat.Ustar, "train.csv"), Tar(TarEntryFormat.Pax, "folder/训练.csv"), Tar(TarEntryFormat.Gnu, new string('n', 120) + ".csv"), Gzip(Tar(TarEntryFormat.V7, "train.csv"))];

    /// <summary>Headers of tensors whose data is 48 bytes.</summary>
    public static IReadOnlyList<byte[]> TensorHeaders { get; } =
    [
        Utf8("{\"__metadata__\":{\"format\":\"pt\"},\"a.weight\":{\"dtype\":\"F32\",\"shape\":[2,4],\"data_offsets\":[0,32]},\"a.bias\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[32,48]}}"),
        Utf8("{\"x\":{\"dtype\":\"I64\",\"shape\":[6],\"data_offsets\":[0,48]},\"empty\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[48,48]}}  "),
    ];

    public static IReadOnlyList<byte[]> Adapters { get; } =
    [
        Utf8("{\"peft_type\":\"LORA\",\"task_type\":\"CAUSAL_LM\",\"r\":2,\"lora_alpha\":4,\"target_modules\":[\"q_proj\"],\"bias\":\"none\",\"use_dora\":false,\"use_rslora\":true,\"rank_pattern\":{},"
            + "\"alpha_pattern\":{\"layers.0.q_proj\":8},\"modules_to_save\":null,\"layers_to_transform\":[0],\"layers_pattern\":\"layers\"}"),
        Utf8("{\"peft_type\":\"LORA\",\"r\":8,\"rank_pattern\":{\"(layers\\\\.)?0.q_proj\":2},\"target_modules\":\"^(?!.*vision).*q_proj$\",\"exclude_modules\":\".*k_proj\"}"),
    ];

    /// <summary>The tensors that these configurations are for.</summary>
    public static byte[] AdapterTensors { get; } = Safetensors(Utf8(
        "{\"base_model.model.model.layers.0.q_proj.lora_A.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},\"base_model.model.model.layers.0.q_proj.lora_B.weight\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[24,48]}}"));

    public static AdapterBase AdapterBase { get; } = new("llama", new[] { "q_proj", "k_proj" }.Select(p => KeyValuePair.Create($"model.layers.0.{p}.weight", (IReadOnlyList<long>)[3, 3])));

    public static IReadOnlyList<byte[]> Configs { get; } =
    [
        Utf8("{\"architectures\":[\"BertForSequenceClassification\"],\"model_type\":\"bert\",\"vocab_size\":16,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"intermediate_size\":16,"
            + "\"hidden_act\":\"gelu\",\"hidden_dropout_prob\":0.1,\"attention_probs_dropout_prob\":0.1,\"max_position_embeddings\":32,\"type_vocab_size\":2,\"layer_norm_eps\":1e-12,\"pad_token_id\":0,"
            + "\"id2label\":{\"0\":\"bad\",\"1\":\"good\"},\"label2id\":{\"bad\":0,\"good\":1},\"torch_dtype\":\"float32\"}"),
    ];

    public static IReadOnlyList<byte[]> Tokenizers { get; } = [Tokenizer("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""", """{"type":"BertPreTokenizer"}"""),
        Tokenizer("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""", """{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Punctuation","behavior":"Isolated"}]}"""),
        ByteLevelTokenizer(), UnigramTokenizer()];

    public static IReadOnlyList<byte[]> Merges { get; } = [Utf8("#version: 0.2\nt h\nth e\nĠ the\nĠ f\ni l\n"), Utf8("t h\r\nth e\r\n")];

    public static IReadOnlyList<byte[]> SentencePieceModels { get; } = [SentencePiece(modelType: 1), SentencePiece(modelType: 2)];

    public static IReadOnlyList<byte[]> Vocabularies { get; } = [Utf8(string.Join('\n', s_words) + "\n"), Utf8(string.Join("\r\n", s_words))];

    public static IReadOnlyList<byte[]> Events { get; } =
    [
        Lines<WorkerEvent>(
            new StartedEvent { Seq = 1, Token = "t", TotalSteps = 2, Environment = new Dictionary<string, string> { ["torch"] = "2" } },
            new ProgressEvent { Seq = 2, Token = "t", Stage = "training", Done = 1, Total = 2, Fraction = 0.5 },
            new MetricsEvent { Seq = 3, Token = "t", Step = 1, Epoch = 0.5, Tokens = 100, Values = new Dictionary<string, double> { ["train_loss"] = 0.7, ["x"] = double.NaN } },
            new LogEvent { Seq = 4, Token = "t", Text = "a line" },
            new CheckpointEvent { Seq = 5, Token = "t", Step = 2, Path = "checkpoints/step-000002", Deleted = ["checkpoints/step-000001"] },
            new EvaluationEvent { Seq = 6, Token = "t", Step = 2, Path = "evaluations/step-000002.json" },
            new HeartbeatEvent { Seq = 7, Token = "t", Step = 2, MemoryMb = 100 },
            new FinishedEvent { Seq = 8, Token = "t", Outcome = Outcomes.Failed, Step = 2, Error = "no", ErrorCode = "x", ErrorArguments = ["a"] }),
    ];

    public static IReadOnlyList<byte[]> Commands { get; } =
    [
        Lines(
            new ControlCommand { Seq = 1, Token = "t", Command = "checkpoint_now" },
            new ControlCommand { Seq = 2, Token = "t", Command = "set_learning_rate", Value = 0.001 },
            new ControlCommand { Seq = 3, Token = "t", Command = "stop" }),
    ];

    /// <summary>Between them they use every statement, and most filters, tests and methods.</summary>
    public static IReadOnlyList<byte[]> Templates { get; } =
    [
        Utf8("{%- if tools %}\n{{- '<tools>' }}{%- for tool in tools %}{{- tool | tojson(indent=2) }}{%- endfor %}\n{%- endif %}\n{%- for m in messages %}"
            + "{%- if m['content'] is string and m.role == 'user' or loop.first %}{{ m.role ~ ': ' + m.content[1:-1:2] | trim }}{%- elif loop.last %}{% continue %}{% else %}x{% endif %}{%- endfor %}"
            + "{%- if add_generation_prompt %}{{ bos_token | default('<s>', true) }}{% endif %}"),
        Utf8("{%- macro list(items, depth=0, sep=', ') -%}{% for i in items recursive %}{{ sep if not loop.first }}{% if i is mapping %}{{ loop(i.values() | list) }}{% else %}{{ i }}{% endif %}{% else %}none{% endfor %}{{ caller() if caller }}{%- endmacro %}"
            + "{% set ns = namespace(n=0, text='') %}{% for k, v in {'a': [1, 2.5], 'b': none, 'C': (1,)} | dictsort if v %}{% set ns.n = ns.n + loop.index ** 2 // 3 %}{% endfor %}"
            + "{{ list([1, {'x': 2}], sep='-') }}{{ ns.n % 7 }}{% call list(range(3)) %}y{% endcall %}"),
        Utf8("{# a comment -#}\n{% raw %}{{ not }}{% endraw %}{% set x | upper | replace('A', 'b', 1) %}a {{ 'b'.center(5, '*') }}{% endset %}{% with a, b = 'xy' %}{{ b ~ a }}{% endwith %}"
            + "{% generation %}{{ '%s %05.2f %-3d|' | format('é😀', 2.5, 7) }}{{ '{:>8} {0!r}'.format(x) if false else \"\\u4f60\\x41\" }}{% endgeneration %}{% filter indent(2, first=true) %}a\nb{% endfilter %}"),
        Utf8("{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('|') }}{{ [3, 1, 2] | sort(reverse=true) | batch(2, 0) | list }}{{ messages | groupby('role') | length }}"
            + "{{ 'a,b;c'.split(',', 1)[-1].rsplit(';') | reverse | list }}{{ 7.125 | round(2) }}{{ '12' | int + 1e3 }}{{ 'The end' is upper or 3 is divisibleby 3 }}{{ -2 ** 2 < 5 <= 5 }}{{ strftime_now('%Y-%m-%d %-H') }}"
            + "{% block tail %}{{ self }}{{ cycler(1, 2).next() }}{{ joiner('/')() }}{% endblock %}{% if undefined_name is defined %}{{ raise_exception('no') }}{% endif %}"),
    ];

    public static IReadOnlyList<string> TemplateWords { get; } =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "{%+", " for x in ", " if ", " else ", " endfor ", " endif ", " set ", " macro ", " endmacro ", " call ", " recursive ", "loop(",
        "loop.", "messages", "tools", "caller()", "varargs", "**kwargs", "*", "**", "//", "~", "|", " is ", " not ", " in ", "[", "]", "(", ")", "{", "}", ":", ",", ".", "'", "\"", "\\", "\\ud83d",
        "10**9", "1e999", "-1", "'a'*10**9", "range(", ".__class__", "|attr('__init__')", "|tojson", "|list", "|center(", "|join", "|sort", "|map(", "|format(", ".format(", ".join(", "namespace()",
        "none", "true", "\n", "\r\n", "\t", "\0", "名", "😀", "{% raw %}", "{% endraw %}", "{% generation %}", "{% break %}", "{% include 'x' %}", "{% block b scoped %}", "{% endblock %}",
    ];

    /// <summary>What the templates render.</summary>
    public static ChatRequest Conversation { get; } = new()
    {
        Messages = JsonSerializer.Deserialize<JsonElement>("""[{"role":"system","content":"Be brief."},{"role":"user","content":"你好 😀"},{"role":"assistant","content":"Hi","tool_calls":[{"name":"f","arguments":{"a":[1,2.5,null,true]}}]},{"role":"user","content":[{"type":"text","text":"Bye"}]}]"""),
        Tools = JsonSerializer.Deserialize<JsonElement>("""[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"array"}}}}}]"""),
        AddGenerationPrompt = true,
    };

    public static IReadOnlyList<byte[]> RunFiles { get; } = [RunFile()];

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    public static byte[] Zip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, level) in new[] { ("folder/train.csv", CompressionLevel.Fastest), ("readme.txt", CompressionLevel.NoCompression) })
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }

    /// <summary>Puts the checksum of every block right that says that it is a header.</summary>
    public static byte[] Checksummed(byte[] tar)
    {
        var fixedTar = tar.ToArray();
        for (var at = 0; at + 512 <= fixedTar.Length; at += 512)
        {
            var block = fixedTar.AsSpan(at, 512);
            if (block.Slice(257, 5).SequenceEqual("ustar"u8))
            {
                block.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var b in block)
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
            }
        }

        return fixedTar;
    }

    public static byte[] Safetensors(byte[] header)
    {
        var file = new byte[8 + header.Length + 48];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    private static byte[] Tar(TarEntryFormat format, string name)
    {
        var packed = new MemoryStream();
        using (var tar = new TarWriter(packed, format))
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                _ => new V7TarEntry(TarEntryType.V7RegularFile, name),
            };
            entry.DataStream = new MemoryStream(Tables[0]);
            tar.WriteEntry(entry);
        }

        return packed.ToArray();
    }

    private static byte[] Tokenizer(string normalizer, string preTokenizer)
    {
        var vocabulary = string.Join(',', s_words.Select((w, id) => $"{JsonSerializer.Serialize(w)}:{id}"));
        var special = string.Join(',', s_words.Take(5).Select((w, id) => $$"""{"id":{{id}},"content":"{{w}}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"""));
        return Utf8($$"""
            {"version":"1.0","added_tokens":[{{special}}],"normalizer":{{normalizer}},"pre_tokenizer":{{preTokenizer}},
            "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0} },{"Sequence":{"id":"A","type_id":0} },{"SpecialToken":{"id":"[SEP]","type_id":0} }],
            "pair":[{"Sequence":{"id":"A","type_id":0} },{"Sequence":{"id":"B","type_id":1} }],
            "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]} } },
            "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
            "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{ {{vocabulary}} } } }
            """);
    }

    private static byte[] ByteLevelTokenizer() => Utf8($$"""
        {"version":"1.0","added_tokens":[{"id":300,"content":"<|end|>","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true}],"normalizer":{"type":"NFC"},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}]?\\p{L}+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},
        {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},"post_processor":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true},
        "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":true,"merges":[["t","h"],["th","e"],"i l"],"vocab":{{ByteVocabulary}} } }
        """);

    private static byte[] UnigramTokenizer() => Utf8("""
        {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true,"normalized":false}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "},{"type":"Prepend","prepend":"▁"}]},
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},"post_processor":null,
        "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
        "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["▁the",-2.5],["▁",-1.5],["film",-3],["good",-4.25],["<0x41>",-9],["电影",-5]]}}
        """);

    private static IEnumerable<string> ByteTokens()
    {
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            yield return ((char)(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? value : next++)).ToString();
        }

        foreach (var token in new[] { "th", "the", "Ġthe", "Ġf", "il" })
        {
            yield return token;
        }
    }

    /// <summary>A SentencePiece model of a few pieces, written field by field.</summary>
    private static byte[] SentencePiece(int modelType)
    {
        (string Text, float Score, int Type)[] pieces =
        [
            ("<pad>", 0, 3), ("</s>", 0, 3), ("<unk>", 0, 2), ("▁", -1, 1), ("t", -2, 1), ("h", -2, 1), ("e", -2, 1), ("th", -3, 1), ("the", -4, 1), ("▁the", -5, 1), ("电", -6, 1), ("<0x41>", 0, 6),
        ];
        var model = new MemoryStream();
        foreach (var (text, score, type) in pieces)
        {
            var utf8 = Utf8(text);
            byte[] piece = [0x0A, (byte)utf8.Length, .. utf8, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)type];
            model.Write([0x0A, (byte)piece.Length, .. piece]);
        }

        model.Write([0x12, 5, 0x18, (byte)modelType, 0x98, 0x02, 1]);   // trainer: model_type, byte_fallback
        model.Write([0x1A, 4, 0x18, 1, 0x20, 1]);                      // normalizer: add_dummy_prefix, remove_extra_whitespaces
        return model.ToArray();
    }

    private static byte[] RunFile()
    {
        var folder = Directory.CreateTempSubdirectory("experimenthub-fuzz-");
        try
        {
            var job = new JobFolder(folder.FullName);
            job.WriteRun(new JobHeader { Token = "t" }, new RunConfig { Name = "a run", Model = new string('a', 64), Dataset = new string('b', 64) });
            return File.ReadAllBytes(job.RunFile);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Lines<T>(params T[] lines) => Utf8(string.Concat(lines.Select(l => JsonSerializer.Serialize(l, WireJson.Options) + "\n")));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
