using System.Linq.Expressions;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Workers;

/// <summary>Sends commands to workers through their control.jsonl.</summary>
internal static class CommandLine
{
    /// <summary>Writes a command for the living attempt that matches; false when there is none.</summary>
    public static async Task<bool> SendAsync(
        HubDbContext database, HubPaths paths, Expression<Func<Attempt, bool>> which, string command, double? value, CancellationToken cancellationToken)
    {
        var attempt = await database.Attempts.Where(a => a.EndedAt == null).Where(which).OrderByDescending(a => a.Number).FirstOrDefaultAsync(cancellationToken);
        if (attempt is null)
        {
            return false;
        }

        attempt.LastCommand++;
        attempt.CancelAskedAt ??= command == Commands.Cancel ? DateTime.UtcNow : null;
        // If the hub dies after this line, the number is used up and the command was not sent: it is asked for again.
        await database.SaveChangesAsync(cancellationToken);
        ControlWriter.Append(new JobFolder(paths.At(attempt.Folder)), attempt.Token, attempt.LastCommand, command, value);
        return true;
    }
}
