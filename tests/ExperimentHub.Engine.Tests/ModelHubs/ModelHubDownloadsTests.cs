using System.Net;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Tests;
using ExperimentHub.Tests.StandIn;

namespace ExperimentHub.Engine.Tests.ModelHubs;

/// <summary>Downloads from a stand-in of the hub, beyond what the recorded clients do.</summary>
public sealed class ModelHubDownloadsTests : IDisposable
{
    private const string Model = "acme/tiny-bert";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task Plan_TakesWhatAModelNeeds_AndWeightsOnce()
    {
        await using var hub = await StartAsync();
        foreach (var other in new[] { "pytorch_model.bin", "model.onnx", "tf_model.h5", "flax_model.msgpack", "model.fp16.safetensors" })
        {
            hub.Repositories[Model].Add(new StandInFile(other, [1, 2, 3]));
        }

        using var client = Client(hub);

        var plan = await ModelHubDownloads.PlanAsync(client, new(Model, "main"), TestContext.Current.CancellationToken);

        Assert.Equal(["README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"], plan.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal(9, plan.Others);
        Assert.Equal(40, plan.Source.Revision.Length);
    }

    [Fact]
    public async Task Fetch_GoesOn_WhereAProcessThatDiedStopped()
    {
        await using var hub = await StartAsync();
        using var client = Client(hub);
        var plan = await ModelHubDownloads.PlanAsync(client, new(Model, "main"), TestContext.Current.CancellationToken);
        var content = hub.Repositories[Model].Find("main")!.Files["model.safetensors"].Content;
        var folder = Directory.CreateDirectory(ModelHubDownloads.FolderOf(hub.Address, plan.Source, _directory.FullName)).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.safetensors.part"), content[..2000], TestContext.Current.CancellationToken);
        var arrived = new List<long>();

        await ModelHubDownloads.FetchAsync(client, plan, _directory.FullName, (done, _) => arrived.Add(done), TestContext.Current.CancellationToken);

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder, "model.safetensors"), TestContext.Current.CancellationToken));
        Assert.Equal("bytes=2000-", Assert.Single(hub.Requests, r => r.ToStorage).Range);
        Assert.Equal(plan.Bytes, arrived[^1]);
    }

    [Fact]
    public async Task Fetch_BeginsAFileAnew_WhenWhatWasThereIsDamaged()
    {
        await using var hub = await StartAsync();
        using var client = Client(hub);
        var plan = await ModelHubDownloads.PlanAsync(client, new(Model, "main"), TestContext.Current.CancellationToken);
        var folder = Directory.CreateDirectory(ModelHubDownloads.FolderOf(hub.Address, plan.Source, _directory.FullName)).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.safetensors.part"), new byte[2000], TestContext.Current.CancellationToken);

        await ModelHubDownloads.FetchAsync(client, plan, _directory.FullName, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(hub.Repositories[Model].Find("main")!.Files["model.safetensors"].Content, await File.ReadAllBytesAsync(Path.Combine(folder, "model.safetensors"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Resolve_SaysThatTheHubIsOutOfReach_WithoutTheToken()
    {
        using var client = new ModelHubClient(new ModelHubOptions { Endpoint = new Uri("http://127.0.0.1:9"), Token = "hf_secret", Waits = [] });

        var e = await Assert.ThrowsAsync<InputException>(() => client.ResolveAsync(new(Model, "main"), TestContext.Current.CancellationToken));

        Assert.Equal("model_hub.offline", e.Code);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://[::1]/x")]
    [InlineData("https://[::ffff:10.0.0.1]/x")]
    [InlineData("http://example.org/x")]
    [InlineData("http://huggingface.co/x")]
    [InlineData("https://user@huggingface.co/x")]
    [InlineData("file:///etc/passwd")]
    public void Check_RefusesRedirects_ThatLeadInwardsOrIntoTheClear(string target)
    {
        var addresses = new ModelHubAddresses(ModelHubOptions.DefaultEndpoint);

        Assert.Equal("model_hub.address", Assert.Throws<InputException>(() => addresses.Check(new Uri(target))).Code);
    }

    [Theory]
    [InlineData("https://huggingface.co", "https://cdn-lfs.hf.co/x")]
    [InlineData("http://10.1.2.3:8080", "http://10.1.2.3:9000/storage")]
    [InlineData("http://mirror.local", "https://mirror.local/x")]
    public void Check_LetsRedirectsPass_ToPublicHostsAndTheMirrorsOwn(string endpoint, string target) =>
        new ModelHubAddresses(new Uri(endpoint)).Check(new Uri(target));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::", false)]
    [InlineData("2002:7f00:1::", false)]
    public void IsPublic_KnowsAddressesOfOnesOwnNetwork(string address, bool expected) => Assert.Equal(expected, ModelHubAddresses.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://huggingface.co/google-bert/bert-base-chinese/tree/v1", null, "google-bert/bert-base-chinese", "v1")]
    [InlineData(" gpt2 ", "", "gpt2", "main")]
    [InlineData("a/b", "refs/pr/3", "a/b", "refs/pr/3")]
    public void Parse_ReadsNamesAndAddresses(string typed, string? revision, string repository, string expected) =>
        Assert.Equal(new ModelHubSource(repository, expected), ModelHubSource.Parse(typed, revision, ModelHubOptions.DefaultEndpoint));

    [Theory]
    [InlineData("a/b/c", null)]
    [InlineData("../etc", null)]
    [InlineData("a/b?x=1", null)]
    [InlineData("https://evil.example/a/b", null)]
    [InlineData("a/b", "a b")]
    [InlineData("a/b", "../main")]
    public void Parse_RefusesWhatIsNoName(string typed, string? revision) =>
        Assert.Throws<InputException>(() => ModelHubSource.Parse(typed, revision, ModelHubOptions.DefaultEndpoint));

    public void Dispose() => _directory.Delete(recursive: true);

    private static Task<StandInHub> StartAsync() => StandInHub.StartAsync(Shared.Path("parity", "hub", "repos"));

    private static ModelHubClient Client(StandInHub hub) => new(new ModelHubOptions { Endpoint = hub.Address, Waits = [TimeSpan.FromMilliseconds(10)] });
}
