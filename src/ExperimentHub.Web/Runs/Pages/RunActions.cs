using ExperimentHub.Web.Components;
using ExperimentHub.Web.Projects;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>What a person does to a run from any page: checked, done, and told with the way back.</summary>
internal sealed class RunActions(RunService runs, ProjectAccess access, Toasts toasts, IStringLocalizer<RunText> text)
{
    public Task StopAsync(Workspace workspace, Run run) =>
        DoAsync(workspace, run, () => runs.StopAsync(run.Id), () => toasts.Done(text["Done_Stopping", run.Name]));

    /// <summary>Cancel does not ask; its toast offers to go on from the last checkpoint.</summary>
    public Task CancelAsync(Workspace workspace, Run run) =>
        DoAsync(workspace, run, () => runs.CancelAsync(run.Id), () => toasts.Done(text["Done_Cancelled", run.Name], text["Resume"], () => ResumeAsync(workspace, run)));

    public Task ResumeAsync(Workspace workspace, Run run) =>
        DoAsync(workspace, run, () => runs.ResumeAsync(run.Id), () => toasts.Done(text["Done_Resumed", run.Name]));

    public Task MoveAsync(Workspace workspace, Run run, int by) => DoAsync(workspace, run, () => runs.ReorderAsync(run.Id, by), () => { });

    public Task CheckpointAsync(Workspace workspace, Run run) =>
        DoAsync(workspace, run, () => runs.CheckpointNowAsync(run.Id), () => toasts.Done(text["Done_Checkpoint"]));

    public Task RenameAsync(Workspace workspace, Run run, string name) => DoAsync(workspace, run, () => runs.RenameAsync(run.Id, name.Trim()), () => { });

    public async Task TrashAsync(Workspace workspace, IReadOnlyList<Run> chosen)
    {
        var moved = new List<Run>();
        foreach (var run in chosen)
        {
            if (await access.AllowsAsync(workspace.User, run.ProjectId, Access.Write) && await runs.SetDeletedAsync(run.Id, true))
            {
                moved.Add(run);
            }
        }

        if (moved.Count < chosen.Count)
        {
            toasts.Warn(text["Trash_NotAll", chosen.Count - moved.Count]);
        }

        if (moved.Count > 0)
        {
            toasts.Done(moved.Count == 1 ? text["Trash_One", moved[0].Name] : text["Trash_Many", moved.Count], async () =>
            {
                foreach (var run in moved)
                {
                    await runs.SetDeletedAsync(run.Id, false);
                }
            });
        }
    }

    private async Task DoAsync(Workspace workspace, Run run, Func<Task<bool>> act, Action done)
    {
        if (!await access.AllowsAsync(workspace.User, run.ProjectId, Access.Write))
        {
            toasts.Failed(text["NotYours"]);
        }
        else if (await act())
        {
            done();
        }
        else
        {
            toasts.Warn(text["TooLate", run.Name]);
        }
    }
}
