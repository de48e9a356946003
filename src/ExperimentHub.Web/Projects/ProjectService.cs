using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Projects;

/// <summary>Makes and changes projects; the first one comes with the first administrator.</summary>
public sealed class ProjectService(IDbContextFactory<HubDbContext> databases)
{
    public const string DefaultName = "Default";

    public async Task<Project> EnsureDefaultAsync(string ownerId, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Projects.AsNoTracking().OrderBy(p => p.Id).FirstOrDefaultAsync(p => p.DeletedAt == null, cancellationToken)
            ?? await CreateAsync(DefaultName, isPrivate: false, ownerId, cancellationToken);
    }

    /// <exception cref="InputException">The name is empty, too long or taken.</exception>
    public async Task<Project> CreateAsync(string name, bool isPrivate, string ownerId, CancellationToken cancellationToken = default)
    {
        name = await CheckNameAsync(name, null, cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var project = new Project { Name = name, IsPrivate = isPrivate, OwnerId = ownerId, CreatedAt = DateTime.UtcNow };
        database.Projects.Add(project);
        await database.SaveChangesAsync(cancellationToken);
        return project;
    }

    /// <exception cref="InputException">The name is empty, too long or taken.</exception>
    public async Task UpdateAsync(int id, string name, bool isPrivate, CancellationToken cancellationToken = default)
    {
        name = await CheckNameAsync(name, id, cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Projects.Where(p => p.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(p => p.Name, name).SetProperty(p => p.IsPrivate, isPrivate), cancellationToken);
    }

    public async Task<IReadOnlyList<ProjectMember>> MembersAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ProjectMembers.AsNoTracking().Where(m => m.ProjectId == id).ToListAsync(cancellationToken);
    }

    /// <summary>Null takes the person out of the project.</summary>
    public async Task SetMemberAsync(int id, string userId, bool? canWrite, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.ProjectMembers.Where(m => m.ProjectId == id && m.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        if (canWrite is { } write)
        {
            database.ProjectMembers.Add(new ProjectMember { ProjectId = id, UserId = userId, CanWrite = write });
            await database.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task<string> CheckNameAsync(string name, int? id, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > 100)
        {
            throw new InputException("Give the project a name of 1 to 100 characters.", "project.name");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Projects.AnyAsync(p => p.Name == name && p.DeletedAt == null && p.Id != id, cancellationToken))
        {
            throw new InputException($"There is a project {InputException.Quote(name)} already; choose another name.", "project.taken", InputException.Quote(name));
        }

        return name;
    }
}
