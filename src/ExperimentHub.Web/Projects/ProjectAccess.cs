using System.Security.Claims;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Data;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Projects;

public enum Access
{
    Read,
    Write,
}

/// <summary>The requirement that <see cref="ProjectAccess"/> decides, over an <see cref="IProjectItem"/>.</summary>
public sealed record ProjectRequirement(Access Access) : IAuthorizationRequirement
{
    public static ProjectRequirement Read { get; } = new(Access.Read);

    public static ProjectRequirement Write { get; } = new(Access.Write);
}

/// <summary>
/// The one place that decides who sees or changes what, for pages, API, hub methods and downloads: an administrator everything; in an open
/// project every signed-in person reads, members and administrators write; a private one is for its owner and its members.
/// </summary>
public sealed class ProjectAccess(IDbContextFactory<HubDbContext> databases) : AuthorizationHandler<ProjectRequirement, IProjectItem>
{
    /// <summary>Asked at every notice of every run that somebody looks at, so its translation is kept.</summary>
    private static readonly Func<HubDbContext, int, CancellationToken, Task<Project?>> s_find = EF.CompileAsyncQuery(
        (HubDbContext database, int id, CancellationToken _) => database.Projects.AsNoTracking().FirstOrDefault(p => p.Id == id && p.DeletedAt == null));

    /// <summary>Projects that a person may read, the default one first.</summary>
    public async Task<IReadOnlyList<Project>> VisibleAsync(ClaimsPrincipal user, CancellationToken cancellationToken = default)
    {
        if (user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id)
        {
            return [];
        }

        var isAdmin = user.IsInRole(Roles.Admin);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Projects.AsNoTracking()
            .Where(p => p.DeletedAt == null)
            .Where(p => isAdmin || !p.IsPrivate || p.OwnerId == id || database.ProjectMembers.Any(m => m.ProjectId == p.Id && m.UserId == id))
            .OrderBy(p => p.Id).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<int>> VisibleIdsAsync(ClaimsPrincipal user, CancellationToken cancellationToken = default) =>
        [.. (await VisibleAsync(user, cancellationToken)).Select(p => p.Id)];

    public async Task<bool> AllowsAsync(ClaimsPrincipal user, int projectId, Access access, CancellationToken cancellationToken = default)
    {
        if (user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id)
        {
            return false;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var project = await s_find(database, projectId, cancellationToken);
        if (project is null)
        {
            return false;
        }

        if (user.IsInRole(Roles.Admin))
        {
            return true;
        }

        if (access == Access.Write && !user.IsInRole(Roles.Member))
        {
            return false;
        }

        if (!project.IsPrivate || project.OwnerId == id)
        {
            return true;
        }

        var member = await database.ProjectMembers.AsNoTracking().FirstOrDefaultAsync(m => m.ProjectId == projectId && m.UserId == id, cancellationToken);
        return member is not null && (access == Access.Read || member.CanWrite);
    }

    /// <summary>The project to write to: the one asked for, or the first; null when the person may not write there.</summary>
    public async Task<int?> WritableAsync(ClaimsPrincipal user, int? projectId, CancellationToken cancellationToken = default)
    {
        projectId ??= (await VisibleAsync(user, cancellationToken)) is [var first, ..] ? first.Id : null;
        return projectId is { } id && await AllowsAsync(user, id, Access.Write, cancellationToken) ? id : null;
    }

    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, ProjectRequirement requirement, IProjectItem resource)
    {
        if (await AllowsAsync(context.User, resource.ProjectId, requirement.Access))
        {
            context.Succeed(requirement);
        }
    }
}
