using ExperimentHub.Web.Components;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.Services.AddHubComponents();

var app = builder.Build();
app.MapHubComponents();
await app.RunAsync();
