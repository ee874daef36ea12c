using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

// Training, evaluation, and prediction on data that arrives asynchronously, such as from a database or a network.
public sealed partial class Sequential
{
    /// <summary>
    /// Trains the model on batches that arrive asynchronously. A worker thread awaits them while the model trains; with
    /// <c>workers: 0</c>, the calling thread does.
    /// </summary>
    /// <param name="x">
    /// The batches. Without <paramref name="stepsPerEpoch"/>, each epoch enumerates them anew, to the end; with it, the
    /// enumeration continues from epoch to epoch and must yield enough batches. The enumerator receives a cancellation
    /// token, which is also canceled when training ends, and is then disposed. Its exceptions are rethrown.
    /// </param>
    /// <param name="shuffle">No effect: batches are used in the order in which they arrive.</param>
    /// <param name="stepsPerEpoch">The number of batches per epoch; all by default.</param>
    /// <param name="workers">1 or more: batches are prefetched, one after the other; 0: prepared on the calling
    /// thread.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public History Fit(IAsyncEnumerable<Batch> x, int epochs = 1, int verbose = 1,
        IEnumerable<Callback>? callbacks = null, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Fit(() => new AsyncFeed(x, stepsPerEpoch is null, maxQueueSize, workers, cancellationToken), classWeight,
            stepsPerEpoch, validationData, () => Options(epochs, verbose, callbacks, initialEpoch, stepsPerEpoch,
                validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers, resumeFrom, progress,
                cancellationToken));
    }

    /// <summary>Computes loss and metrics on batches that arrive asynchronously; the loss is the mean over all
    /// samples.</summary>
    /// <param name="x">The batches. The enumerator receives the cancellation token and is disposed at the end.</param>
    /// <param name="steps">The number of batches to use; all by default.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public Evaluation Evaluate(IAsyncEnumerable<Batch> x, int verbose = 1, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(() => new AsyncFeed(x, steps is null, maxQueueSize, workers, cancellationToken), verbose, steps,
            callbacks, maxQueueSize, workers, cancellationToken);
    }

    /// <summary>Computes the outputs for batches that arrive asynchronously; targets are not used.</summary>
    /// <param name="x">The batches. The enumerator receives the cancellation token and is disposed at the end.</param>
    /// <param name="steps">The number of batches to use; all by default.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public NDArray Predict(IAsyncEnumerable<Batch> x, int verbose = 0, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(() => new AsyncFeed(x, steps is null, maxQueueSize, workers, cancellationToken), verbose, steps,
            callbacks, maxQueueSize, workers, cancellationToken);
    }
}
