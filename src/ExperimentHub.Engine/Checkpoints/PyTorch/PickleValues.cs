namespace ExperimentHub.Engine.Checkpoints.PyTorch;

// The closed set of what a pickle may make: these, and null, bool, long, BigInteger, double, string, byte[], object?[] (a tuple),
// List<object?> and SafetensorsType (a class of storages). Nothing among them can be called or does anything.

/// <summary>A name that may be called, and what the call makes.</summary>
internal enum PickleFunction
{
    OrderedDictionary,
    Size,
    Tensor,
    Parameter,
}

/// <summary>A dictionary in the order in which it was filled; keys are not compared.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A set, of which nobody asks more than that it is one.</summary>
internal sealed class PickleSet;

/// <summary>A part of a storage: elements <c>[Offset, Offset + Elements)</c> of the <paramref name="RootElements"/> stored under <paramref name="Key"/>.</summary>
internal sealed record StorageView(SafetensorsType Type, string Key, long RootElements, long Offset, long Elements);

/// <summary>A tensor as its pickle describes it, nothing of it checked yet. Offset and strides count elements.</summary>
internal sealed record PickledTensor(StorageView Storage, long Offset, long[] Sizes, long[] Strides);
