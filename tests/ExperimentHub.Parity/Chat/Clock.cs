namespace ExperimentHub.Parity.Chat;

/// <summary>The moment at which the reference rendered; a template that writes the date writes this one.</summary>
internal sealed class Clock(DateTime now) : TimeProvider
{
    /// <summary>What the reference saw where a case says nothing else.</summary>
    public static DateTime Reference { get; } = new(2025, 3, 5, 9, 7, 3);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(now, TimeSpan.Zero);
}
