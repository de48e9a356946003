using Microsoft.AspNetCore.Components;

namespace ExperimentHub.Web.Components;

/// <summary>
/// What the visitor's cookies say, kept from the first answer into the live page (a circuit sees no cookies): project, theme and time zone.
/// </summary>
public sealed class Visitor
{
    public const string ProjectCookie = "project";

    [PersistentState]
    public int? ProjectId { get; set; }

    [PersistentState]
    public bool IsDark { get; set; }

    /// <summary>IANA name; null until the browser has told it.</summary>
    [PersistentState]
    public string? TimeZone { get; set; }

    /// <summary>A moment in the visitor's own time.</summary>
    public DateTimeOffset Local(DateTimeOffset time) =>
        TimeZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? TimeZoneInfo.ConvertTime(time, zone) : time;

    internal void Read(HttpContext context)
    {
        ProjectId = int.TryParse(context.Request.Cookies[ProjectCookie], out var id) ? id : null;
        IsDark = Theme.ThemeChoice.Of(context).Name == Theme.ThemeChoice.Dark;
        TimeZone = context.Request.Cookies["tz"] is { Length: < 64 } zone ? Uri.UnescapeDataString(zone) : null;
    }
}
