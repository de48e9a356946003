using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Api;

/// <summary>A folder of the content store as a zip, streamed; weights do not compress, so they are stored.</summary>
internal static class FolderZip
{
    public static PushStreamHttpResult Stream(HttpContext context, string folder, string fileName, CancellationToken cancellationToken)
    {
        // What stands after each file in a zip, a few bytes, .NET writes without waiting for the connection.
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        return TypedResults.Stream(
            async body =>
            {
                await using var zip = new ZipArchive(body, ZipArchiveMode.Create, leaveOpen: true);
                foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                {
                    var entry = zip.CreateEntry(Path.GetRelativePath(folder, file).Replace('\\', '/'), CompressionLevel.NoCompression);
                    await using var target = await entry.OpenAsync(cancellationToken);
                    await using var source = File.OpenRead(file);
                    await source.CopyToAsync(target, cancellationToken);
                }
            },
            "application/zip",
            fileName);
    }
}
