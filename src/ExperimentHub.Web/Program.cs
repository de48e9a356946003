using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Administration.Backups;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Datasets.Rows;
using ExperimentHub.Web.Demo;
using ExperimentHub.Web.Machine;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Playground;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Trash;
using ExperimentHub.Web.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

var (demo, rest) = DemoOptions.Parse(args);
var (backup, settings) = BackupCommand.Parse(rest);
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = HubPaths.FindContentRoot() });
builder.WebHost.UseStaticWebAssets();
builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);

builder.Services.AddHubData();
builder.Services.AddAccounts();
builder.Services.AddWorkers();
builder.Services.AddRuns();
builder.Services.AddSingleton<DatasetService>();
builder.Services.AddSingleton<DatasetImports>();
builder.Services.AddSingleton<DatasetTokens>();
builder.Services.AddSingleton<RowQueries>();
builder.Services.AddSingleton<ModelService>();
builder.Services.AddSingleton<ModelImports>();
builder.Services.AddSingleton<ScratchModels>();
builder.Services.AddSingleton<ScratchRequests>();
builder.Services.AddSingleton<ModelHubBrowser>();
builder.Services.AddSingleton<AdapterService>();
builder.Services.AddSingleton<TokenizerService>();
builder.Services.AddSingleton<TrashService>();
builder.Services.AddSingleton<MachineState>();
builder.Services.AddSingleton<UploadStore>();
builder.Services.AddSingleton<BackupService>();
builder.Services.AddSingleton<ServingService>();
builder.Services.AddHostedService(p => p.GetRequiredService<ServingService>());
builder.Services.AddSingleton<Greeting>();
builder.Services.AddSingleton<DemoJourney>();
builder.Services.AddHubComponents();
builder.Services.AddHubApi();
builder.Services.AddSignalR().AddJsonProtocol(o => WireJson.Apply(o.PayloadSerializerOptions));

var app = builder.Build();
if (backup is not null)
{
    return backup.Run(HubPaths.RootOf(app.Services.GetRequiredService<IOptions<HubOptions>>().Value, app.Environment));
}

HubLock hubLock;
try
{
    hubLock = HubLock.Take(app.Services.GetRequiredService<HubPaths>());
    await using (var database = await app.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync())
    {
        await database.Database.MigrateAsync();
    }

    await app.Services.GetRequiredService<FirstStart>().PrepareAsync(CancellationToken.None);
}
catch (InputException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OptionsValidationException e)
{
    Console.Error.WriteLine(string.Join('\n', e.Failures));
    return 1;
}
catch (Exception e) when (StoreFault.Of(e) is not null)
{
    Console.Error.WriteLine($"{StoreFault.Of(e)!.Message} ({e.GetBaseException().Message})");
    return 1;
}

using (hubLock)
{
    app.UseSecurityHeaders();
    app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError });
    app.UseOriginCheck();
    app.UseRateLimiter();
    app.UseNotFoundPage();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseReadableAddresses();
    app.MapHubComponents();
    app.MapAccounts();
    app.MapHubApi();
    app.MapHub<RunsHub>("/hubs/runs");
    await app.StartAsync();
    await app.Services.GetRequiredService<Greeting>().SayAsync(CancellationToken.None);
    if (demo.Demo)
    {
        try
        {
            await app.Services.GetRequiredService<DemoJourney>().RunAsync(app.Lifetime.ApplicationStopping);
        }
        catch (Exception e) when (e is InputException or HttpRequestException or System.Text.Json.JsonException)
        {
            Console.Error.WriteLine(e.Message);
            await app.StopAsync();
            return 1;
        }

        if (demo.Exit)
        {
            await app.StopAsync();
            return 0;
        }
    }

    await app.WaitForShutdownAsync();
}

return 0;

/// <summary>Public so that tests can host the application.</summary>
public partial class Program;
