using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Administration.Backups;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Machine;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Playground;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Uploads;
using ExperimentHub.Web.Workers;
using Microsoft.OpenApi;

namespace ExperimentHub.Web.Api;

/// <summary>The REST API under <c>/api/v1</c> and its description at <c>/openapi/v1.json</c>.</summary>
internal static class HubApi
{
    public static IServiceCollection AddHubApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o => WireJson.Apply(o.SerializerOptions));
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddOpenApi("v1", o => o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "ExperimentHub", Version = "v1", Description = "Data sets, models, runs, metrics and predictions. Send an API key as 'Authorization: Bearer KEY'." };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        }));
        return services;
    }

    public static void MapHubApi(this WebApplication app)
    {
        app.MapGet("/health", () => TypedResults.Ok(new { status = "ok" })).AllowAnonymous().WithTags("Machine");
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization();
        var api = app.MapGroup("/api/v1").RequireAuthorization().DisableAntiforgery();
        api.MapRuns();
        api.MapDatasets();
        api.MapModels();
        api.MapAdapters();
        api.MapTokenizers();
        api.MapJobs();
        api.MapUploads();
        api.MapPlayground();
        api.MapBackups();
        api.MapGet("/machine", async (MachineState machine, CancellationToken cancellationToken) => TypedResults.Ok(await machine.ReadAsync(cancellationToken))).WithTags("Machine");
        api.MapFallback(() => ApiError.NotFound("address")).ExcludeFromDescription();
    }
}
