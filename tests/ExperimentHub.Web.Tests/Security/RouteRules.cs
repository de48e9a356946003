namespace ExperimentHub.Web.Tests.Security;

/// <summary>Who may use a route.</summary>
internal enum Rule
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Whoever is signed in.</summary>
    SignedIn,

    /// <summary>Nothing is there; whoever is signed in is told so.</summary>
    NotThere,

    /// <summary>Members and administrators.</summary>
    Member,

    Admin,

    /// <summary>Whoever made the thing named, a member.</summary>
    Own,

    /// <summary>Who may read the project of the thing named.</summary>
    ProjectRead,

    /// <summary>Who may write to the project of the thing named.</summary>
    ProjectWrite,
}

/// <summary>The rule of every route of the hub. A route that is not here fails the tests: whoever adds one says here who may use it.</summary>
internal static class RouteRules
{
    public static IReadOnlyDictionary<string, Rule> All { get; } = new Dictionary<string, Rule>
    {
        ["GET /health"] = Rule.Open,
        ["GET /openapi/{documentName}.json"] = Rule.SignedIn,
        ["ANY /api/v1/{*path:nonfile}"] = Rule.NotThere,
        ["POST /api/v1/backups"] = Rule.Admin,
        ["GET /api/v1/machine"] = Rule.SignedIn,

        ["GET /api/v1/runs"] = Rule.SignedIn,
        ["POST /api/v1/runs"] = Rule.Member,
        ["POST /api/v1/runs/validate"] = Rule.Member,
        ["GET /api/v1/runs/{id:int}"] = Rule.ProjectRead,
        ["GET /api/v1/runs/{id:int}/metrics"] = Rule.ProjectRead,
        ["GET /api/v1/runs/{id:int}/log"] = Rule.ProjectRead,
        ["GET /api/v1/runs/{id:int}/checkpoints"] = Rule.ProjectRead,
        ["GET /api/v1/runs/{id:int}/evaluation"] = Rule.ProjectRead,
        ["POST /api/v1/runs/{id:int}/stop"] = Rule.ProjectWrite,
        ["POST /api/v1/runs/{id:int}/cancel"] = Rule.ProjectWrite,
        ["POST /api/v1/runs/{id:int}/resume"] = Rule.ProjectWrite,
        ["POST /api/v1/runs/{id:int}/move"] = Rule.ProjectWrite,
        ["DELETE /api/v1/runs/{id:int}"] = Rule.ProjectWrite,
        ["GET /runs/curves"] = Rule.ProjectRead,

        ["GET /api/v1/datasets"] = Rule.SignedIn,
        ["GET /api/v1/datasets/samples"] = Rule.SignedIn,
        ["POST /api/v1/datasets"] = Rule.Member,
        ["POST /api/v1/datasets/inspect"] = Rule.Member,
        ["GET /api/v1/datasets/{id:int}"] = Rule.ProjectRead,
        ["GET /api/v1/datasets/{id:int}/versions/{number:int}/problems"] = Rule.ProjectRead,
        ["GET /api/v1/datasets/{id:int}/versions/{number:int}/token-lengths/{model:int}"] = Rule.ProjectRead,
        ["POST /api/v1/datasets/{id:int}/versions/{number:int}/token-lengths/{model:int}"] = Rule.ProjectWrite,
        ["DELETE /api/v1/datasets/{id:int}"] = Rule.ProjectWrite,

        ["GET /api/v1/models"] = Rule.SignedIn,
        ["POST /api/v1/models"] = Rule.Member,
        ["GET /api/v1/models/presets"] = Rule.SignedIn,
        ["POST /api/v1/models/hub-plan"] = Rule.Member,
        ["GET /api/v1/models/{id:int}"] = Rule.ProjectRead,
        ["GET /api/v1/models/{id:int}/download"] = Rule.ProjectRead,
        ["POST /api/v1/models/{id:int}/predict"] = Rule.ProjectRead,
        ["POST /api/v1/models/{id:int}/tokenize"] = Rule.ProjectRead,
        ["POST /api/v1/models/{id:int}/render"] = Rule.ProjectRead,
        ["DELETE /api/v1/models/{id:int}"] = Rule.ProjectWrite,

        ["GET /api/v1/adapters"] = Rule.SignedIn,
        ["POST /api/v1/adapters"] = Rule.Member,
        ["GET /api/v1/adapters/{id:int}"] = Rule.ProjectRead,
        ["GET /api/v1/adapters/{id:int}/download"] = Rule.ProjectRead,
        ["POST /api/v1/adapters/{id:int}/merge"] = Rule.ProjectWrite,
        ["DELETE /api/v1/adapters/{id:int}"] = Rule.ProjectWrite,

        ["GET /api/v1/tokenizers"] = Rule.SignedIn,
        ["POST /api/v1/tokenizers"] = Rule.Member,
        ["GET /api/v1/tokenizers/{id:int}"] = Rule.ProjectRead,
        ["GET /api/v1/tokenizers/{id:int}/download"] = Rule.ProjectRead,
        ["DELETE /api/v1/tokenizers/{id:int}"] = Rule.ProjectWrite,

        ["GET /api/v1/jobs"] = Rule.SignedIn,
        ["GET /api/v1/jobs/{id:int}"] = Rule.ProjectRead,
        ["POST /api/v1/jobs/{id:int}/cancel"] = Rule.ProjectWrite,

        ["POST /api/v1/uploads"] = Rule.Member,
        ["GET /api/v1/uploads/{id}"] = Rule.Own,
        ["PUT /api/v1/uploads/{id}"] = Rule.Own,
        ["DELETE /api/v1/uploads/{id}"] = Rule.Own,

        ["ANY /"] = Rule.SignedIn,
        ["ANY /runs"] = Rule.SignedIn,
        ["ANY /runs/new"] = Rule.Member,
        ["ANY /runs/{Id:int}"] = Rule.ProjectRead,
        ["ANY /runs/{Id:int}/{Tab}"] = Rule.ProjectRead,
        ["ANY /compare"] = Rule.SignedIn,
        ["ANY /datasets"] = Rule.SignedIn,
        ["ANY /datasets/import"] = Rule.SignedIn,
        ["ANY /datasets/{Id:int}"] = Rule.ProjectRead,
        ["ANY /datasets/{Id:int}/{Tab}"] = Rule.ProjectRead,
        ["ANY /models"] = Rule.SignedIn,
        ["ANY /models/import"] = Rule.SignedIn,
        ["ANY /models/tokenizers"] = Rule.SignedIn,
        ["ANY /models/tokenizers/new"] = Rule.SignedIn,
        ["ANY /models/tokenizers/{Id:int}"] = Rule.ProjectRead,
        ["ANY /models/{Id:int}"] = Rule.ProjectRead,
        ["ANY /models/{Id:int}/{Tab}"] = Rule.ProjectRead,
        ["ANY /playground"] = Rule.SignedIn,
        ["ANY /administration"] = Rule.Admin,
        ["ANY /administration/{Tab}"] = Rule.Admin,
        ["ANY /account"] = Rule.SignedIn,
        ["ANY /account/password"] = Rule.SignedIn,
        ["GET /account/away"] = Rule.Open,
        ["ANY /account/denied"] = Rule.SignedIn,
        ["ANY /account/sign-in"] = Rule.Open,
        ["ANY /account/first-admin"] = Rule.Open,
        ["ANY /account/invitation"] = Rule.Open,
        ["ANY /account/reset-password"] = Rule.Open,
        ["GET /account/sign-in-link"] = Rule.Open,
        ["POST /account/sign-out"] = Rule.SignedIn,
        ["GET /project/{id:int}"] = Rule.SignedIn,
        ["ANY /{**path:file}"] = Rule.NotThere,
        ["ANY /not-found"] = Rule.NotThere,
        ["ANY /trash"] = Rule.SignedIn,

        ["ANY /hubs/runs"] = Rule.SignedIn,
        ["ANY /hubs/runs/negotiate"] = Rule.SignedIn,

        // Blazor's own: what a circuit shows is decided by the pages, under their rules.
        ["ANY /_blazor"] = Rule.SignedIn,
        ["ANY /_blazor/negotiate"] = Rule.SignedIn,
        ["ANY /_blazor/disconnect"] = Rule.SignedIn,
        ["ANY /_blazor/initializers"] = Rule.SignedIn,
        ["GET /_framework/opaque-redirect"] = Rule.SignedIn,
    };

    /// <summary>The rule of every method that a SignalR client may call.</summary>
    public static IReadOnlyDictionary<string, Rule> HubMethods { get; } = new Dictionary<string, Rule>
    {
        ["RunsHub.Follow"] = Rule.ProjectRead,
    };
}
