using System.Security.Claims;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Projects;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Who looks at the page and in which project; every page gets it as a cascading value. <see cref="Projects"/> are those that the person may
/// read, <see cref="CanWrite"/> is about the chosen <see cref="Project"/>.
/// </summary>
public sealed record Workspace(ClaimsPrincipal User, IReadOnlyList<Project> Projects, Project? Project, bool CanWrite)
{
    public string UserId => User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";

    public bool IsAdmin => User.IsInRole(Roles.Admin);

    /// <summary>The chosen project, as the services want it.</summary>
    public IReadOnlyList<int> ProjectIds => Project is null ? [] : [Project.Id];

    public static async Task<Workspace> LoadAsync(ClaimsPrincipal user, Visitor visitor, ProjectAccess access)
    {
        var projects = await access.VisibleAsync(user);
        var project = projects.FirstOrDefault(p => p.Id == visitor.ProjectId) ?? (projects.Count > 0 ? projects[0] : null);
        var canWrite = project is not null && await access.AllowsAsync(user, project.Id, Access.Write);
        return new Workspace(user, projects, project, canWrite);
    }
}
