using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>One token for both ways to end a work: the user's own token, and the cancellation of the ML.NET
/// environment, which has to be asked.</summary>
internal sealed class CancellationWatch : IDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    readonly CancellationTokenSource _source;
    readonly Timer _timer;
    readonly bool _isWatched;

    /// <summary>Begins to watch.</summary>
    /// <param name="environment">The environment that may be cancelled.</param>
    /// <param name="token">The user's token.</param>
    /// <param name="ignoresEarlier">
    /// Whether a cancellation of the environment before this moment is none of this work: AutoML cancels the context of
    /// its best model when the model's trial is over, and the model is used after that.
    /// </param>
    public CancellationWatch(IHostEnvironment environment, CancellationToken token, bool ignoresEarlier = false)
    {
        _isWatched = !(ignoresEarlier && MLNet.IsCancelled(environment));
        _source = CancellationTokenSource.CreateLinkedTokenSource(token);
        _timer = new(_ =>
        {
            if (!_isWatched || !MLNet.IsCancelled(environment)) return;
            try
            {
                _source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The work has ended meanwhile.
            }
        });
        _timer.Change(TimeSpan.Zero, s_interval);
        (Given, Environment) = (token, environment);
    }

    /// <summary>Cancelled when either is.</summary>
    public CancellationToken Token => _source.Token;

    CancellationToken Given { get; }

    IHostEnvironment Environment { get; }

    /// <summary>The exception with the token that the user knows.</summary>
    public OperationCanceledException Explain(OperationCanceledException e) => Given.IsCancellationRequested ? new(e.Message, e, Given)
        : _isWatched && MLNet.IsCancelled(Environment) ? new("The environment was cancelled.", e) : e;

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }
}
