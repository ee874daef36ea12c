using Microsoft.ML.KerasSequential.Data;

namespace Microsoft.ML.KerasSequential;

/// <summary>The data that the model is evaluated on after an epoch: arrays, or batches from a sequence or an
/// enumeration.</summary>
public sealed class ValidationData
{
    /// <summary>Inputs, targets and optional sample weights.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets.</param>
    /// <param name="sampleWeight">One weight per sample (or per time step).</param>
    public ValidationData(NDArray x, NDArray y, NDArray? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Arrays = new(x, y, sampleWeight);
    }

    /// <summary>Inputs, targets and optional sample weights by the names of the model's input and output.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    public ValidationData(IReadOnlyDictionary<string, NDArray> x, IReadOnlyDictionary<string, NDArray> y,
        IReadOnlyDictionary<string, NDArray>? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Arrays = new(x, y, sampleWeight);
    }

    /// <summary>Batches by index.</summary>
    /// <param name="batches">The batches; an evaluation uses all of them, or as many as <c>validationSteps</c>
    /// says.</param>
    public ValidationData(BatchSequence batches) =>
        Sequence = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>Batches in order.</summary>
    /// <param name="batches">The batches; a collection is used completely and starts over each time, other enumerations
    /// need <c>validationSteps</c>.</param>
    public ValidationData(IEnumerable<Batch> batches) =>
        Batches = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>Batches that come asynchronously.</summary>
    /// <param name="batches">
    /// The batches; an evaluation enumerates all of them, or goes on with as many as <c>validationSteps</c> says.
    /// </param>
    public ValidationData(IAsyncEnumerable<Batch> batches) =>
        AsyncBatches = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>All data as one batch, or null.</summary>
    internal Batch? Arrays { get; }

    internal BatchSequence? Sequence { get; }

    internal IEnumerable<Batch>? Batches { get; }

    internal IAsyncEnumerable<Batch>? AsyncBatches { get; }

    /// <summary>Inputs and targets.</summary>
    /// <param name="data">The pair.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y) data) => new(data.X, data.Y);

    /// <summary>Inputs, targets and sample weights.</summary>
    /// <param name="data">The triple.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y, NDArray SampleWeight) data) =>
        new(data.X, data.Y, data.SampleWeight);

    /// <summary>Batches by index.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(BatchSequence batches) => new(batches);

    /// <summary>Batches in order.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(Batch[] batches) => new(batches);

    /// <summary>Batches in order.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(List<Batch> batches) => new(batches);

    internal BatchFeed? Feed(int? steps, int maxQueueSize, int workers, CancellationToken token) =>
        Sequence is not null ? new SequenceFeed(Sequence, null, maxQueueSize, workers)
        : Batches is not null ? new EnumerableFeed(Batches, maxQueueSize, workers)
        : AsyncBatches is not null ? new AsyncFeed(AsyncBatches, steps is null, maxQueueSize, workers, token)
        : null;
}
