using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Data;

/// <summary>The hub's databases and folders.</summary>
internal static class HubSetup
{
    public static IServiceCollection AddHubData(this IServiceCollection services)
    {
        services.AddOptions<HubOptions>().BindConfiguration(HubOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HubOptions>, HubOptionsCheck>();
        services.AddSingleton<HubPaths>();
        services.AddSingleton<SqlitePragmas>();
        services.AddPooledDbContextFactory<HubDbContext>((provider, database) => database
            .UseSqlite(
                $"Data Source={provider.GetRequiredService<HubPaths>().HubDatabase}",
                o => o.CommandTimeout((int)Math.Ceiling(provider.GetRequiredService<IOptions<HubOptions>>().Value.DatabaseTimeout.TotalSeconds)))
            .AddInterceptors(provider.GetRequiredService<SqlitePragmas>()));
        services.AddSingleton<MetricDatabase>();
        services.AddSingleton<MetricWriter>();
        services.AddSingleton<MetricReader>();
        return services;
    }

    public static IServiceCollection AddWorkers(this IServiceCollection services)
    {
        services.AddSingleton<HubEvents>();
        services.AddSingleton<WorkerLauncher>();
        services.AddSingleton<JobSecrets>();
        services.AddSingleton<JobService>();
        services.AddSingleton<JobFollowUps>();
        services.AddSingleton<AttemptEnding>();
        services.AddSingleton<AttemptFollower>();
        services.AddHostedService(p => p.GetRequiredService<AttemptFollower>());
        services.AddHostedService<WorkScheduler>();
        return services;
    }
}
