using ExperimentHub.Web.Data;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Data;

public sealed class MigrationTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public async Task Model_HasNoChangeWithoutAMigration()
    {
        using var client = hub.CreateClient();
        await using var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();

        Assert.False(database.Database.HasPendingModelChanges(), "Run migrations/add.sh NAME.");
        Assert.Empty(await database.Database.GetPendingMigrationsAsync());
    }
}
