using System.Net;
using System.Text.Json;

namespace ExperimentHub.Web.Tests.Faults;

public sealed class CutUploadTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public async Task CutUpload_GoesOnFromWhatHasArrived()
    {
        var stop = TestContext.Current.CancellationToken;
        using var client = hub.AdminClient();
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        using var begun = await client.PostAsJsonAsync("/api/v1/uploads", new { file_name = "rows.csv", size = bytes.Length }, stop);
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("id").GetString();

        await Assert.ThrowsAnyAsync<Exception>(() => client.PutAsync($"/api/v1/uploads/{id}?offset=0", new StreamContent(new CutStream(bytes.AsMemory(0, 200_000))), stop));

        var arrived = (await client.GetFromJsonAsync<JsonElement>($"/api/v1/uploads/{id}", stop)).GetProperty("offset").GetInt32();
        Assert.InRange(arrived, 0, 200_000);
        await PutRestAsync(client, id!, bytes.AsMemory(arrived), arrived);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(hub.DataDirectory, "uploads", id!, "data"), stop));
    }

    /// <summary>The hub may not have noticed yet that the first connection is gone.</summary>
    private static async Task PutRestAsync(HttpClient client, string id, ReadOnlyMemory<byte> rest, int offset)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            using var answer = await client.PutAsync($"/api/v1/uploads/{id}?offset={offset}", new ReadOnlyMemoryContent(rest), limit.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Gives what it has and then breaks, as a connection does.</summary>
    private sealed class CutStream(ReadOnlyMemory<byte> bytes) : MemoryStream(bytes.ToArray())
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("The connection was cut.");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, bufferSize, cancellationToken);

        private async Task CopyAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var buffer = new byte[bufferSize];
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await destination.FlushAsync(cancellationToken);
            }
        }
    }
}
