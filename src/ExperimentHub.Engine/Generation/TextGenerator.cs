using ExperimentHub.Engine.Chat;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Engine.Tokenizers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Generation;

/// <summary>A model of a folder that writes text, with its tokenizer, its chat templates and the settings it recommends. One call at a time.</summary>
public sealed class TextGenerator : IDisposable
{
    private readonly PretrainedModel _model;

    private TextGenerator(PretrainedModel model, string folder)
    {
        _model = model;
        Tokenizer = Tokenizer.Load(folder);
        Templates = ChatTemplates.Load(folder);
        Settings = GenerationSettingsReader.ReadFolder(folder);
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>Null where the folder has none: then the model continues texts.</summary>
    public ChatTemplates? Templates { get; }

    /// <summary>What the folder recommends.</summary>
    public GenerationSettings Settings { get; }

    /// <summary>Loads a decoder or an encoder-decoder.</summary>
    /// <param name="folder">A Hugging Face folder.</param>
    /// <param name="device">A device that <see cref="ComputeDevice.Resolve"/> gave.</param>
    /// <param name="half">Weights in bfloat16: half the memory, and on a processor about twice as many tokens a second.</param>
    /// <exception cref="InputException">The folder cannot be used, or its model writes no text.</exception>
    public static TextGenerator Load(string folder, string device = ComputeDevice.Cpu, bool half = false)
    {
        var model = ModelLoader.Load(folder, precision: half ? ScalarType.BFloat16 : ScalarType.Float32);
        try
        {
            if (model.Head is not (ModelHead.CausalLanguageModel or ModelHead.ConditionalGeneration))
            {
                throw new InputException("This model has no head that writes text; choose a language model, or an encoder-decoder such as T5.", "generation.no_head");
            }

            model.MoveTo(ComputeDevice.ToTorch(device));
            return new TextGenerator(model, folder);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The tokens of a conversation, up to where the answer begins.</summary>
    /// <exception cref="InputException">The model has no chat template, or it refuses the conversation.</exception>
    public int[] Encode(ChatRequest request)
    {
        var templates = Templates ?? throw new InputException("This model has no chat template; give it a text to continue.", "chat_template.none");
        return [.. ChatTokens.Encode(templates.For(request), request with { SpecialTokens = templates.SpecialTokens }, Tokenizer).Encoding.Ids];
    }

    /// <summary>The tokens of a text to continue, or of an encoder-decoder's source, with the special tokens that the tokenizer adds.</summary>
    public int[] Encode(string text) => [.. Tokenizer.Encode(text).Ids];

    /// <summary>Writes <see cref="GenerationSettings.NumReturnSequences"/> texts.</summary>
    /// <param name="prompt">Token ids of the text to continue, or of the source.</param>
    /// <param name="settings">What to do.</param>
    /// <param name="written">Is told each token at once; not in beam search, where none is certain before the end.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <exception cref="InputException">The prompt or the settings do not fit the model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> asked for it.</exception>
    public IReadOnlyList<GeneratedSequence> Generate(int[] prompt, GenerationSettings settings, Action<GeneratedToken>? written = null, CancellationToken cancellation = default)
    {
        if (_model is DecoderModel decoder)
        {
            using var decoding = new DecoderDecoding(decoder);
            return Generator.Generate(decoding, [prompt], settings, Tokenizer, written, cancellation)[0];
        }

        var target = (EncoderDecoderModel)_model;
        if (prompt.Length == 0)
        {
            throw Generator.Empty();
        }

        using var source = tensor(prompt, ScalarType.Int64).unsqueeze(0);
        using var writing = new TargetDecoding(target, source);
        return Generator.Generate(writing, [[settings.DecoderStartTokenId ?? target.Config.DecoderStartTokenId]], settings, Tokenizer, written, cancellation)[0];
    }

    public void Dispose() => _model.Dispose();
}
