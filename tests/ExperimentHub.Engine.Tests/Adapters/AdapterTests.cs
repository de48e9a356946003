using System.Diagnostics;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Models;
using ExperimentHub.Tests;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Adapters;

public sealed class AdapterTests
{
    private static readonly BaseModule s_query = new("model.layers.12.self_attn.q_proj", ModuleKind.Linear, 8, 8, false);

    [Fact]
    public void Matches_TakesNoTime_WhateverThePattern()
    {
        var clock = Stopwatch.StartNew();
        var pattern = new SafePattern(@"(.+)+\.q_projection$", what => new InputException(what));

        Assert.False(pattern.Matches(s_query.Path + new string('x', 2000)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Matches_LooksAhead_AndStopsWhatDoesNotEnd()
    {
        Assert.True(new SafePattern(@"^(?!.*vision).*q_proj", what => new InputException(what)).Matches(s_query.Path));
        Assert.False(new SafePattern(@"^(?!.*layers).*q_proj", what => new InputException(what)).Matches(s_query.Path));
        Assert.Throws<InputException>(() => new SafePattern(@"(?=(a+)+$)(a+)+b", what => new InputException(what)).Matches(new string('a', 200)));
        Assert.Throws<InputException>(() => new SafePattern("(", what => new InputException(what)));
    }

    [Fact]
    public void Activate_ChangesBetweenAdapters_AndGivesTheBaseBack()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelLoader.LoadClassifier(Folder("model"));
        var batch = new PaddedBatch { Ids = tensor(new long[,] { { 2, 7, 8, 9, 3 } }) };
        var alone = model.Forward(batch);
        using var stack = new AdapterStack(model);
        stack.Add("lora", Adapter.Open(Folder("lora", "adapter")));
        stack.Add("ia3", Adapter.Open(Folder("ia3", "adapter")));

        stack.Activate("lora");
        var first = model.Forward(batch);
        stack.Activate("ia3");
        var second = model.Forward(batch);
        stack.Activate("lora");
        var again = model.Forward(batch);
        stack.Activate(null);

        Assert.True(alone.equal(model.Forward(batch)).all().item<bool>());
        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(first.equal(second).all().item<bool>());
        Assert.False(first.equal(alone).all().item<bool>());
    }

    [Fact]
    public void Add_RefusesAnAdapterOfAnotherBase()
    {
        using var model = ModelLoader.LoadClassifier(Folder("model"));
        using var stack = new AdapterStack(model);
        using var other = Adapter.Open(Shared.Path("parity", "peft", "gpt2", "lora", "adapter"));

        var e = Assert.Throws<InputException>(() => stack.Add("other", other));

        Assert.Contains("transformer.h.0.attn.c_attn", e.Message, StringComparison.Ordinal);
    }

    private static string Folder(params string[] parts) => Shared.Path(["parity", "peft", "bert", .. parts]);
}
