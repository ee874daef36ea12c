namespace Samples.Service;

/// <summary>The log messages of the service.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Say(this ILogger log, string line);
}
