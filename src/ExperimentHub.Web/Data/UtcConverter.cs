using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ExperimentHub.Web.Data;

/// <summary>All times in hub.db are UTC; SQLite keeps the time but not that fact.</summary>
internal sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(t => t.ToUniversalTime(), t => DateTime.SpecifyKind(t, DateTimeKind.Utc));
