using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>
/// Brings files of a commit into a folder. A file that is on its way has the ending <c>.part</c> and goes on where it stopped, in the same
/// call or after a restart; it gets its name only when size and checksum (SHA-256, or git's SHA-1 for small files) are those of the listing.
/// </summary>
internal sealed class ModelHubDownload(ModelHubClient client, ModelHubSource source, string folder, Action<long> arrived)
{
    private const int Buffer = 1 << 20;

    /// <exception cref="InputException">The hub refuses, is busy or out of reach, or sends something else than it lists.</exception>
    public async Task FetchAsync(ModelHubFile file, CancellationToken cancellationToken)
    {
        var final = Path.Combine(folder, file.Path);
        if (File.Exists(final))
        {
            arrived(file.Size);   // checked before it got its name
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(final)!);
        var part = final + ".part";
        for (var tries = 0; tries < 2; tries++)
        {
            await ReadAsync(file, part, cancellationToken);
            if (await IsRightAsync(file, part, cancellationToken))
            {
                File.Move(part, final);
                return;
            }

            File.Delete(part);
            arrived(-file.Size);
        }

        throw client.Faults.Damaged(file.Path);
    }

    private async Task ReadAsync(ModelHubFile file, string part, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        if (target.Length > file.Size)
        {
            target.SetLength(0);
        }

        arrived(target.Length);
        var before = target.Length;
        await client.RepeatAsync(
            async token =>
            {
                if (target.Length < file.Size || file.Size == 0)
                {
                    await AppendAsync(file, target, token);
                }

                return target.Length == file.Size;
            },
            () =>
            {
                var further = target.Length > before;
                before = target.Length;
                return further;
            },
            cancellationToken);
        target.Flush(flushToDisk: true);
    }

    private async Task AppendAsync(ModelHubFile file, FileStream target, CancellationToken cancellationToken)
    {
        using var answer = await client.ReadAsync(source, file.Path, target.Length, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.PartialContent || answer.Content.Headers.ContentRange?.From != target.Length)
        {
            arrived(-target.Length);   // the server begins anew
            target.SetLength(0);
        }

        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return;
        }

        target.Position = target.Length;
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            for (int read; (read = await ReadSomeAsync(content, buffer, cancellationToken)) > 0;)
            {
                if (target.Length + read > file.Size)
                {
                    throw client.Faults.Damaged(file.Path);   // it would never end
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                arrived(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadSomeAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(client.Options.Silence);
        try
        {
            return await content.ReadAsync(buffer, silence.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    private static async Task<bool> IsRightAsync(ModelHubFile file, string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (file.Sha256 is null)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
        }

        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var buffer = new byte[Buffer];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == (file.Sha256 ?? file.GitId);
    }
}
