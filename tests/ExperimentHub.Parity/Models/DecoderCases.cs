using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Families;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Models;

/// <summary>
/// A folder of a decoder: what leaves each layer and the head, the loss, every gradient, several texts packed in one row, the same weights
/// in other files and under the names of older versions, and the same with keys and values kept from pass to pass.
/// </summary>
internal static class DecoderCases
{
    public static void Run(string folder, string name, Tally tally)
    {
        using var reference = new DecoderReference(folder, "reference");
        var model = Path.Combine(folder, "model");
        tally.Case($"{name}/outputs", () => InScope(model, m => Outputs(reference, m)));
        tally.Case($"{name}/gradients", () => InScope(model, m => Gradients(reference, m, reference.Batch())));
        tally.Case($"{name}/saved", () => InScope(model, m => SavedModel.Fault(m, model)));
        if (reference.Names("rope.").Any())
        {
            tally.Case($"{name}/rope", () => InScope(model, m => Frequencies(reference, m)));
        }

        if (reference.Names("router.").Any())
        {
            tally.Case($"{name}/routing", () => InScope(model, m => Routings(reference, m)));
        }

        if (!reference.IsClassifier)
        {
            tally.Case($"{name}/cached", () => InScope(model, m => Cached(reference, m)));
            tally.Case($"{name}/stepped", () => InScope(model, m => Stepped(reference, m)));
        }

        if (File.Exists(Path.Combine(folder, "config.legacy.json")))
        {
            tally.Case($"{name}/legacy_config", () => WithConfig(model, Path.Combine(folder, "config.legacy.json"), m => Outputs(reference, m)));
        }

        foreach (var other in new[] { "model_noprefix", "model_sharded" }.Where(o => Directory.Exists(Path.Combine(folder, o))))
        {
            tally.Case($"{name}/{other}", () => InScope(Path.Combine(folder, other), m => Outputs(reference, m)));
        }

        if (Directory.Exists(Path.Combine(folder, "model_bf16")))
        {
            tally.Case($"{name}/model_bf16", () => InScope(Path.Combine(folder, "model_bf16"), m => Rounded(reference, m)));
        }

        if (File.Exists(Path.Combine(folder, "training.json")))
        {
            DecoderTrainingCases.Run(folder, name, tally);
        }

        if (File.Exists(Path.Combine(folder, "packed.json")))
        {
            using var packed = new DecoderReference(folder, "packed");
            tally.Case($"{name}/packed", () => InScope(model, m => Packed(packed, m)));
            tally.Case($"{name}/packed_gradients", () => InScope(model, m => Gradients(packed, m, packed.Batch(), reference)));
        }
    }

    private static string? InScope(string folder, Func<DecoderModel, string?> run)
    {
        using var scope = NewDisposeScope();
        using var model = (DecoderModel)ModelLoader.Load(folder);
        return run(model);
    }

    /// <summary>The same weights with another configuration.</summary>
    private static string? WithConfig(string folder, string config, Func<DecoderModel, string?> run)
    {
        var copy = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            File.CreateSymbolicLink(Path.Combine(copy.FullName, WeightFiles.SingleName), Path.GetFullPath(Path.Combine(folder, WeightFiles.SingleName)));
            File.Copy(config, Path.Combine(copy.FullName, "config.json"));
            return InScope(copy.FullName, run);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static string? Outputs(DecoderReference reference, DecoderModel model)
    {
        using var noGrad = no_grad();
        using var trace = new ForwardTrace();
        using var batch = reference.Batch();
        var output = model.Run(batch, null, trace);
        for (var i = 0; i < trace.HiddenStates.Count; i++)
        {
            if (reference.Fault("hidden_states", $"hidden_states.{i}", trace.HiddenStates[i], batch.Mask) is { } fault)
            {
                return fault;
            }
        }

        return reference.Has($"hidden_states.{trace.HiddenStates.Count}") ? $"there are only {trace.HiddenStates.Count} hidden states"
            : reference.Fault("logits", "logits", output.Logits!, reference.IsClassifier ? null : batch.Mask)
                ?? reference.LossFault(model.Loss(output, reference.Read("labels")));
    }

    private static string? Gradients(DecoderReference reference, DecoderModel model, DecoderBatch batch, DecoderReference? tolerances = null)
    {
        foreach (var weight in model.Weights)
        {
            weight.Learns = true;
        }

        model.Loss(model.Run(batch), reference.Read("labels")).backward();
        return reference.GradientFault(model, tolerances ?? reference);
    }

    /// <summary>Row by row without padding: the beginning in one pass, then two tokens, then one at a time.</summary>
    private static string? Cached(DecoderReference reference, DecoderModel model)
    {
        using var noGrad = no_grad();
        var (ids, mask, logits) = (reference.Read("input_ids"), reference.Read("attention_mask"), reference.Read("logits"));
        for (var row = 0L; row < ids.shape[0]; row++)
        {
            using var scope = NewDisposeScope();
            using var cache = new KeyValueCache(model.Config.Layers);
            var real = mask[row].nonzero().squeeze(1);
            var (tokens, expected) = (ids[row].index_select(0, real).unsqueeze(0), logits[row].index_select(0, real));
            var parts = new List<Tensor>();
            foreach (var (begin, end) in Ranges((int)tokens.shape[1]))
            {
                parts.Add(model.ContinueEach(new DecoderBatch { Ids = tokens.narrow(1, begin, end - begin) }, cache).squeeze(0));
            }

            if (new Closeness(reference.Tolerance("logits"), 0).Fault($"row {row} with a cache: logits", expected, cat(parts, 0)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Row by row without padding, as text is generated: the beginning in one pass, then one token at a time by the kernels for that.</summary>
    private static string? Stepped(DecoderReference reference, DecoderModel model)
    {
        using var noGrad = no_grad();
        var (ids, mask, logits) = (reference.Read("input_ids"), reference.Read("attention_mask"), reference.Read("logits"));
        for (var row = 0L; row < ids.shape[0]; row++)
        {
            using var scope = NewDisposeScope();
            using var decoding = new DecoderDecoding(model);
            var real = mask[row].nonzero().squeeze(1);
            var tokens = ids[row].index_select(0, real).data<long>().Select(i => (int)i).ToArray();
            var expected = logits[row].index_select(0, real);
            for (var i = 1; i < tokens.Length; i++)
            {
                var scores = i == 1 ? decoding.Begin([tokens[..2]]) : decoding.Next(tokens.AsSpan(i, 1));
                if (new Closeness(reference.Tolerance("logits"), 0).Fault($"row {row}, token {i}: logits", expected[i], tensor(scores.ToArray())) is { } fault)
                {
                    return fault;
                }
            }
        }

        return null;
    }

    private static IEnumerable<(int Begin, int End)> Ranges(int length)
    {
        int[] borders = [0, .. new[] { length / 2, (length / 2) + 2 }, .. Enumerable.Range((length / 2) + 3, Math.Max(0, length - (length / 2) - 2))];
        return borders.Where(b => b <= length).Distinct().Zip(borders.Skip(1).Where(b => b <= length));
    }

    private static string? Rounded(DecoderReference reference, DecoderModel model)
    {
        using var noGrad = no_grad();
        using var batch = reference.Batch();
        return reference.Fault("logits", "bf16.logits_upcast", model.Run(batch).Logits!, batch.Mask);
    }

    /// <summary>The row as it is, and each of its texts alone.</summary>
    private static string? Packed(DecoderReference packed, DecoderModel model)
    {
        using var noGrad = no_grad();
        using var batch = packed.Batch();
        var output = model.Run(batch);
        var tolerance = new Closeness(packed.Tolerance("logits"), 0);
        var fault = tolerance.Fault("logits", packed.Read("logits"), output.Logits!) ?? packed.LossFault(model.Loss(output, packed.Read("labels")));
        for (var i = 0; fault is null && packed.Has($"alone.{i}.input_ids"); i++)
        {
            var alone = model.Run(new DecoderBatch { Ids = packed.Read($"alone.{i}.input_ids") });
            fault = tolerance.Fault($"alone.{i}.logits", packed.Read($"alone.{i}.logits"), alone.Logits!);
        }

        return fault;
    }

    private static string? Frequencies(DecoderReference reference, DecoderModel model)
    {
        var config = ((RotaryDecoder)model).Config;
        var closeness = new Closeness(0, 1e-6);
        return reference.Names("rope.").Select(name =>
        {
            var rotary = name.Contains("sliding", StringComparison.Ordinal) ? ((Gemma3Config)config).WindowRotary : config.Rotary;
            return closeness.Fault(name, reference.Read(name), tensor(rotary.Frequencies((int)(config.HeadSize * rotary.Share), config.MaxPositions)));
        }).FirstOrDefault(f => f is not null);
    }

    /// <summary>Which experts each real token is sent to, and how evenly they are used.</summary>
    private static string? Routings(DecoderReference reference, DecoderModel model)
    {
        using var noGrad = no_grad();
        using var batch = reference.Batch();
        var routings = new List<Routing>();
        model.Run(batch, null, null, routings);
        var real = batch.Mask!.flatten();
        var layers = reference.Names("router.").Select(n => n.Split('.')[1]).Distinct().ToList();
        for (var i = 0; i < layers.Count; i++)
        {
            var at = $"router.{layers[i]}";
            var fault = reference.Fault("logits", $"{at}.logits", routings[i].Logits, real)
                ?? reference.Fault("logits", $"{at}.top_k_weights", routings[i].Weights, real)
                ?? new Closeness(0.5, 0).Fault($"{at}.top_k_index", reference.Read($"{at}.top_k_index"), routings[i].Experts, real);
            if (fault is not null)
            {
                return fault;
            }
        }

        return new Closeness(2e-5, 0).Fault("aux_loss", reference.Number("aux_loss"), Routing.BalanceLoss(routings, batch.Mask).item<float>());
    }
}

/// <summary>The values of one reference run, with the tolerances that the folder states.</summary>
internal sealed class DecoderReference : IDisposable
{
    private readonly SafetensorsFile _tensors;
    private readonly JsonElement _facts;

    public DecoderReference(string folder, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".json")));
        _facts = document.RootElement.Clone();
        _tensors = SafetensorsFile.Open(Path.Combine(folder, name + ".safetensors"));
    }

    public bool IsClassifier => _facts.TryGetProperty("num_labels", out _);

    public double Number(string name) => _facts.GetProperty(name).GetDouble();

    /// <summary>Names of the tensors that begin so, in order.</summary>
    public IEnumerable<string> Names(string prefix) => _tensors.Entries.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public bool Has(string name) => _tensors.Entries.ContainsKey(name);

    public Tensor Read(string name) => _tensors.Read(name);

    public DecoderBatch Batch() => new()
    {
        Ids = Read("input_ids"),
        Mask = Has("attention_mask") ? Read("attention_mask") : null,
        Positions = Read("position_ids"),
        Documents = Has("document_ids") ? Read("document_ids") : null,
    };

    /// <summary>A folder states one for each kind of value, or one for all.</summary>
    public double Tolerance(string what) =>
        _facts.GetProperty("suggested_atol") is { ValueKind: JsonValueKind.Object } each ? each.GetProperty(what).GetDouble() : _facts.GetProperty("suggested_atol").GetDouble();

    public string? Fault(string what, string name, Tensor actual, Tensor? real = null) => new Closeness(Tolerance(what), 0).Fault(name, Read(name), actual, real);

    public string? LossFault(Tensor loss) =>
        new Closeness(Tolerance("loss"), 0).Fault("loss", _facts.GetProperty("loss").GetDouble(), loss.item<float>());

    public string? GradientFault(PretrainedModel model, DecoderReference tolerances)
    {
        using var noGrad = no_grad();
        var norms = _facts.GetProperty("grad_norms").EnumerateObject().ToDictionary(n => n.Name, n => n.Value.GetDouble(), StringComparer.Ordinal);
        var relative = new Closeness(1e-7, tolerances.Tolerance("grad_norms_relative"));
        var absolute = new Closeness(tolerances.Tolerance("grads"), 0);
        foreach (var weight in model.Weights)
        {
            using var gradient = weight.Value.grad ?? zeros_like(weight.Value);
            foreach (var (name, rows) in weight.Split(gradient))
            {
                if (!norms.Remove(name, out var norm))
                {
                    return $"the reference has no gradient of {name}";
                }

                var fault = Has("grad." + name) ? absolute.Fault($"the gradient of {name}", Read("grad." + name), rows) : null;
                fault ??= relative.Fault($"the norm of the gradient of {name}", norm, rows.to(ScalarType.Float64).norm().item<double>());
                if (fault is not null)
                {
                    return fault;
                }
            }
        }

        return norms.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{norms.Keys.First()} is no parameter here");
    }

    public void Dispose() => _tensors.Dispose();
}
