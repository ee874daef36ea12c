using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Combines the two ways to cancel an operation in one token: the user's token, and the cancellation of the
/// ML.NET environment, which must be polled.</summary>
internal sealed class CancellationWatch : IDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    readonly CancellationTokenSource _source;
    readonly Timer _timer;
    readonly bool _isWatched;

    /// <summary>Starts watching.</summary>
    /// <param name="environment">The environment that may be canceled.</param>
    /// <param name="token">The user's token.</param>
    /// <param name="ignoresEarlier">
    /// Whether to ignore an earlier cancellation of the environment: AutoML cancels the context of its best model when
    /// the model's trial ends, and the model is used after that.
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
                // The operation has ended in the meantime.
            }
        });
        _timer.Change(TimeSpan.Zero, s_interval);
        (Given, Environment) = (token, environment);
    }

    /// <summary>Canceled when either is.</summary>
    public CancellationToken Token => _source.Token;

    CancellationToken Given { get; }

    IHostEnvironment Environment { get; }

    /// <summary>Returns the exception with the user's token.</summary>
    public OperationCanceledException Explain(OperationCanceledException e) =>
        Given.IsCancellationRequested ? new(e.Message, e, Given)
        : _isWatched && MLNet.IsCancelled(Environment) ? new("The environment was canceled.", e) : e;

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }
}
