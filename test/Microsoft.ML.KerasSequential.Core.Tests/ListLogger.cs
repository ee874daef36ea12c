using Microsoft.Extensions.Logging;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Keeps what is logged, and within which scopes.</summary>
internal sealed class ListLogger(LogLevel least = LogLevel.Information) : ILogger
{
    readonly Stack<object> _scopes = [];

    public List<(LogLevel Level, int Id, string Text, object? Scope, Exception? Exception)> Entries { get; } = [];

    public IEnumerable<string> Lines => Entries.Select(e => e.Text);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        _scopes.Push(state);
        return new Ending(() => _scopes.Pop());
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        Entries.Add((logLevel, eventId.Id, formatter(state, exception), _scopes.FirstOrDefault(), exception));
    }

    sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
