namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>The sentences about files of <c>torch.save</c>; <paramref name="file"/> is the file's name.</summary>
internal sealed class PickleFaults(string file)
{
    public string File { get; } = file;

    /// <summary>It is cut off, or says what cannot be.</summary>
    public InputException Damaged(string how) =>
        new($"{File} is not a whole PyTorch file: {how}. Copy it again, or save the model as safetensors.", "checkpoint.pickle", File, how);

    /// <summary>It is right in itself, but no dictionary of tensors.</summary>
    public InputException NotWeights(string what) =>
        new($"{File} {what}; save the model's state dict, best as safetensors (save_pretrained does it).", "checkpoint.not_weights", File, what);

    /// <summary>It names something that would be run.</summary>
    public InputException Forbidden(string name) =>
        new($"{File} asks for {InputException.Quote(name, 160)}, which saved weights do not need; it is not run. Save the model as safetensors.", "checkpoint.pickle_name", File, InputException.Quote(name, 160));

    public InputException Tensor(string name, string how) =>
        new($"{File}: {InputException.Quote(name, 160)} {how}; save the model again, best as safetensors.", "checkpoint.pickle_tensor", File, InputException.Quote(name, 160), how);
}
