using ExperimentHub.Engine;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Administration.Backups;

/// <summary>Where to: a folder on the hub's machine, new or empty, with its full path.</summary>
public sealed record CreateBackupRequest
{
    public required string Folder { get; init; }
}

internal static class BackupsApi
{
    public static void MapBackups(this IEndpointRouteBuilder api) =>
        api.MapPost("/backups", CreateAsync).WithTags("Machine").RequireAuthorization(AccountSetup.AdminPolicy);

    private static async Task<Results<Ok<BackupInfo>, BadRequest<ApiError>>> CreateAsync(CreateBackupRequest request, BackupService backups, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(await backups.BackupAsync(request.Folder, cancellationToken));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }
}
