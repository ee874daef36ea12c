using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

// Training, judging and predicting on data that come asynchronously, such as from a database or over a network.
public sealed partial class Sequential
{
    /// <summary>
    /// Trains the model on batches that come asynchronously. They are awaited beside the training, on a thread that makes
    /// batches ahead, or on the caller's with <c>workers: 0</c>.
    /// </summary>
    /// <param name="x">
    /// The batches. Without <paramref name="stepsPerEpoch"/> each epoch enumerates them anew, to their end; with it the
    /// enumeration goes on from epoch to epoch and must last. It gets the cancellation token, which also ends it when the
    /// training ends, and is disposed then. What it throws comes out.
    /// </param>
    /// <param name="shuffle">Without effect: batches are used in the order in which they come.</param>
    /// <param name="stepsPerEpoch">How many batches an epoch has; all by default.</param>
    /// <param name="workers">1 or more: batches are made ahead, one after the other; 0: on the caller's thread.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData, Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, ValidationFreq, int, int, bool, string, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public History Fit(IAsyncEnumerable<Batch> x, int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        ValidationData? validationData = null, Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Fit(() => new AsyncFeed(x, stepsPerEpoch is null, maxQueueSize, workers, cancellationToken), classWeight, stepsPerEpoch, validationData,
            () => Options(epochs, verbose, callbacks, initialEpoch, stepsPerEpoch, validationSteps, validationFreq, maxQueueSize,
                workers, resumeFrom, cancellationToken));
    }

    /// <summary>Loss and metrics on batches that come asynchronously; the loss is the mean over all samples.</summary>
    /// <param name="x">The batches. The enumeration gets the cancellation token and is disposed at the end.</param>
    /// <param name="steps">How many batches to take; all by default.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public Evaluation Evaluate(IAsyncEnumerable<Batch> x, int verbose = 1, int? steps = null, IEnumerable<Callback>? callbacks = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(() => new AsyncFeed(x, steps is null, maxQueueSize, workers, cancellationToken), verbose, steps, callbacks,
            maxQueueSize, workers, cancellationToken);
    }

    /// <summary>The outputs for batches that come asynchronously, one after the other; targets are not used.</summary>
    /// <param name="x">The batches. The enumeration gets the cancellation token and is disposed at the end.</param>
    /// <param name="steps">How many batches to take; all by default.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public NDArray Predict(IAsyncEnumerable<Batch> x, int verbose = 0, int? steps = null, IEnumerable<Callback>? callbacks = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(() => new AsyncFeed(x, steps is null, maxQueueSize, workers, cancellationToken), verbose, steps, callbacks,
            maxQueueSize, workers, cancellationToken);
    }
}
