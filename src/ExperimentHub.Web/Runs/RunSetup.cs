namespace ExperimentHub.Web.Runs;

internal static class RunSetup
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunConfigResolver>();
        services.AddSingleton<RunService>();
        services.AddSingleton<RunResults>();
        services.AddSingleton<RunFiles>();
        return services;
    }
}
