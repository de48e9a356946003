using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

namespace ExperimentHub.Web.Components;

/// <summary>
/// A page takes numbers from its address (<c>?version=2</c>). One that a person mistyped would end as a fault of the hub, since Blazor
/// reads such values before the page can say anything: the page is opened without it instead.
/// </summary>
internal static class ReadableAddresses
{
    public static void UseReadableAddresses(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type is not { } page || !context.Request.QueryString.HasValue)
        {
            return next(context);
        }

        var wrong = Parameters(page).Where(p => !p.Values(context.Request.Query).All(v => IsReadable(p.Type, v))).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (wrong.Count == 0)
        {
            return next(context);
        }

        var rest = QueryString.Create(context.Request.Query.Where(q => !wrong.Contains(q.Key)));
        context.Response.Redirect(UriHelper.BuildRelative(context.Request.PathBase, context.Request.Path, rest));
        return Task.CompletedTask;
    });

    private static IEnumerable<Parameter> Parameters(Type page) =>
        from type in Ancestors(page)
        from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let query = property.GetCustomAttribute<SupplyParameterFromQueryAttribute>()
        where query is not null
        select new Parameter(query.Name ?? property.Name, property.PropertyType.GetElementType() ?? Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);

    private static IEnumerable<Type> Ancestors(Type? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            yield return type;
        }
    }

    private static bool IsReadable(Type type, string? value) =>
        string.IsNullOrEmpty(value)
        || (type == typeof(int) ? int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : type == typeof(double) ? double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            : type != typeof(bool) || bool.TryParse(value, out _));

    private sealed record Parameter(string Name, Type Type)
    {
        public StringValues Values(IQueryCollection query) => query.TryGetValue(Name, out var values) ? values : StringValues.Empty;
    }
}
