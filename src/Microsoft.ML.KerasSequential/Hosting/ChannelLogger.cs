using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>
/// The logger of a network while ML.NET trains it: the options' own, if there is one; and <c>MLContext.Log</c> for
/// warnings.
/// Of epochs and errors that is told already.
/// </summary>
internal sealed class ChannelLogger(IChannel channel, ILogger own) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => own.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning || own.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (own.IsEnabled(logLevel)) own.Log(logLevel, eventId, state, exception, formatter);
        if (logLevel == LogLevel.Warning) channel.Warning(MessageSensitivity.None, "{0}", formatter(state, exception));
    }
}
