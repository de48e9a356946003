using ExperimentHub.Engine;
using ExperimentHub.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Workers;

/// <summary>A page that starts a job, shows how far it is, and goes to what came of it.</summary>
public abstract class JobPage : ComponentBase, IDisposable
{
    private Watch? _watch;

    /// <summary>The job as it was last seen; null before one is started.</summary>
    protected JobView? Started { get; set; }

    protected string? Fault { get; set; }

    protected bool IsAtWork => Started is { Job.Status: JobStatus.Queued or JobStatus.Running };

    [Inject]
    protected JobService Jobs { get; set; } = default!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private HubEvents Events { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> Faults { get; set; } = default!;

    /// <summary>Where the page goes when the job has left something.</summary>
    protected abstract string AddressOf(int result);

    public void Dispose()
    {
        _watch?.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Queues the job and follows it; what a person got wrong is told on the page.</summary>
    protected async Task StartAsync(Func<Task<Job>> queue)
    {
        Fault = null;
        try
        {
            await FollowAsync(new JobView(await queue(), null));
        }
        catch (InputException e)
        {
            Fault = TextOf(e);
        }
    }

    /// <summary>Follows a job that was started before, by this page or another; one that is over, or of a project that the visitor does not see, is left alone.</summary>
    protected async Task ResumeAsync(int jobId, IReadOnlyCollection<int> projectIds)
    {
        if (await Jobs.FindAsync(jobId) is { Job.Status: JobStatus.Queued or JobStatus.Running } view && projectIds.Contains(view.Job.ProjectId))
        {
            await FollowAsync(view);
        }
    }

    protected string TextOf(InputException e) => FaultText.Of(Faults, e.Code, e.Arguments, e.Message);

    /// <summary>Why a job failed; <paramref name="otherwise"/> when it was cancelled.</summary>
    protected string TextOf(Job job, string otherwise) => FaultText.OfStored(Faults, job.ErrorCode, job.ErrorArguments, job.Error ?? otherwise);

    private async Task FollowAsync(JobView view)
    {
        Started = view;
        _watch?.Dispose();
        _watch = new Watch(Events, () => InvokeAsync(FollowAsync), DispatchExceptionAsync).On(HubEvents.Job(view.Job.Id));
        await FollowAsync();   // it may have ended before we listened
    }

    private async Task FollowAsync()
    {
        if (Started is null || await Jobs.FindAsync(Started.Job.Id) is not { } view)
        {
            return;
        }

        Started = view;
        switch (view.Job)
        {
            case { Status: JobStatus.Finished, ResultId: { } result }:
                Navigation.NavigateTo(AddressOf(result));
                break;
            case { Status: JobStatus.Failed }:
                Fault = TextOf(view.Job, view.Job.Title);
                break;
        }

        StateHasChanged();
    }
}
