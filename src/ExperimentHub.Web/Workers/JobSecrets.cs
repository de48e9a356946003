using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;

namespace ExperimentHub.Web.Workers;

/// <summary>
/// What a job needs to know and nobody may read: the token of a model hub. Between the form and the worker it lies encrypted (by the keys of
/// the data directory) in the job's row, under <see cref="Field"/> of its follow-up, which no API shows and which is no part of
/// run.json; the worker gets it in its environment, and when the job has ended it is taken out of the row.
/// </summary>
public sealed partial class JobSecrets(IDataProtectionProvider protection, ILogger<JobSecrets> logger)
{
    /// <summary>The name of the field in the follow-up of a job.</summary>
    public const string Field = "protected_token";

    private readonly IDataProtector _protector = protection.CreateProtector("ExperimentHub.JobSecrets");

    public string? Protect(string? token) => string.IsNullOrWhiteSpace(token) ? null : _protector.Protect(token.Trim());

    /// <summary>Variables for the environment of the job's worker.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(Job job)
    {
        if (Find(job)?.GetValue<string>() is not { } hidden)
        {
            return new Dictionary<string, string>();
        }

        try
        {
            return new Dictionary<string, string> { [WorkerLauncher.ModelHubToken] = _protector.Unprotect(hidden) };
        }
        catch (CryptographicException e)
        {
            LogLost(e, job.Id);   // the keys are gone: the hub will ask for a token
            return new Dictionary<string, string>();
        }
    }

    /// <summary>The follow-up of a job without its secret.</summary>
    public static string? Without(Job job)
    {
        if (Find(job) is null)
        {
            return job.FollowUpJson;
        }

        var followUp = JsonNode.Parse(job.FollowUpJson!)!.AsObject();
        followUp.Remove(Field);
        return followUp.ToJsonString();
    }

    private static JsonNode? Find(Job job) => job.FollowUpJson is { } json ? JsonNode.Parse(json)?[Field] : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret of job {JobId} can no longer be read")]
    private partial void LogLost(Exception exception, int jobId);
}
