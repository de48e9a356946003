using System.Globalization;
using ExperimentHub.Engine;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>Brings what the first run needs, if a project has it not yet: the bundled sample and the starter model, both without a network.</summary>
public sealed class FirstRunPreparation(DatasetService datasets, DatasetImports datasetImports, ModelService models, ModelImports modelImports, JobService jobs)
{
    /// <summary>Ends when both are there; a second caller meanwhile makes a second job, whose result is the same stored object.</summary>
    /// <exception cref="InputException">One of them cannot be made, with the reason.</exception>
    public async Task EnsureAsync(int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var waiting = new List<Job>();
        if (!(await datasets.ListAsync([projectId], cancellationToken: cancellationToken)).Any(d => d.IsSample))
        {
            waiting.Add(await datasetImports.ImportAsync(new DatasetSource { Sample = Sample() }, null, null, null, projectId, ownerId, cancellationToken));
        }

        if (!(await models.ListAsync([projectId], cancellationToken: cancellationToken)).Any(m => m.Source == ModelSource.Starter))
        {
            waiting.Add(await modelImports.StarterAsync(projectId, ownerId, cancellationToken));
        }

        foreach (var job in waiting)
        {
            var ended = await jobs.WaitAsync(job.Id, cancellationToken);
            if (ended.Job.Status != JobStatus.Finished)
            {
                throw new InputException(ended.Job.Error ?? "The preparation was cancelled; start it again.", ended.Job.ErrorCode ?? "first_run.cancelled");
            }
        }
    }

    /// <summary>In the reader's language if there is one.</summary>
    private static string Sample()
    {
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        var sample = SampleDatasets.All.FirstOrDefault(s => s.Key.EndsWith("-" + language, StringComparison.Ordinal)) ?? (SampleDatasets.All.Count > 0 ? SampleDatasets.All[0] : null);
        return sample?.Key ?? throw new InputException("The sample data set does not lie beside the program; build the hub again.", "first_run.no_sample");
    }
}
