using Microsoft.ML.KerasSequential.Data;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Represents the data on which the model is evaluated after an epoch: arrays, or batches from a sequence or an
/// enumeration.
/// </summary>
public sealed class ValidationData
{
    readonly (IReadOnlyList<string> X, NDArray Y, NDArray? SampleWeight)? _texts;

    /// <summary>Creates validation data from inputs, targets, and optional sample weights.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    public ValidationData(NDArray x, NDArray y, NDArray? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Arrays = new(x, y, sampleWeight);
    }

    /// <summary>
    /// Creates validation data from inputs, targets, and optional sample weights, by the names of the model's input and
    /// output.
    /// </summary>
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

    /// <summary>Creates validation data from texts, for a model whose first layer takes text, targets, and optional
    /// sample weights.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <param name="y">The targets.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    public ValidationData(IReadOnlyList<string> x, NDArray y, NDArray? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        _texts = new(x, y, sampleWeight);
    }

    /// <summary>Creates validation data from batches that are accessed by index.</summary>
    /// <param name="batches">
    /// The batches. An evaluation uses all of them, or as many as <c>validationSteps</c> specifies.
    /// </param>
    public ValidationData(BatchSequence batches) =>
        Sequence = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>Creates validation data from batches that are enumerated in order.</summary>
    /// <param name="batches">
    /// The batches. A collection is used completely and starts over each time; other enumerations require
    /// <c>validationSteps</c>.
    /// </param>
    public ValidationData(IEnumerable<Batch> batches) =>
        Batches = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>Creates validation data from batches that are enumerated asynchronously.</summary>
    /// <param name="batches">
    /// The batches. An evaluation enumerates all of them, or continues with as many as <c>validationSteps</c>
    /// specifies.
    /// </param>
    public ValidationData(IAsyncEnumerable<Batch> batches) =>
        AsyncBatches = batches ?? throw new ArgumentNullException(nameof(batches));

    /// <summary>The same data, with numbers in place of texts.</summary>
    internal ValidationData InNumbers(Sequential model) => _texts is not var (x, y, weight) ? this
        : new(model.Numbers(x, "validationData"), y, weight);

    /// <summary>Gets all data as one batch, or null.</summary>
    internal Batch? Arrays { get; }

    internal BatchSequence? Sequence { get; }

    internal IEnumerable<Batch>? Batches { get; }

    internal IAsyncEnumerable<Batch>? AsyncBatches { get; }

    /// <summary>Converts inputs and targets to validation data.</summary>
    /// <param name="data">The inputs and targets.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y) data) => new(data.X, data.Y);

    /// <summary>Converts texts and targets to validation data.</summary>
    /// <param name="data">The texts and targets.</param>
    public static implicit operator ValidationData((string[] X, NDArray Y) data) => new(data.X, data.Y);

    /// <summary>Converts texts and targets to validation data.</summary>
    /// <param name="data">The texts and targets.</param>
    public static implicit operator ValidationData((List<string> X, NDArray Y) data) => new(data.X, data.Y);

    /// <summary>Converts inputs, targets, and sample weights to validation data.</summary>
    /// <param name="data">The inputs, targets, and sample weights.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y, NDArray SampleWeight) data) =>
        new(data.X, data.Y, data.SampleWeight);

    /// <summary>Converts batches that are accessed by index to validation data.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(BatchSequence batches) => new(batches);

    /// <summary>Converts an array of batches to validation data.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(Batch[] batches) => new(batches);

    /// <summary>Converts a list of batches to validation data.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator ValidationData(List<Batch> batches) => new(batches);

    internal BatchFeed? Feed(int? steps, int maxQueueSize, int workers, CancellationToken token) =>
        Sequence is not null ? new SequenceFeed(Sequence, null, maxQueueSize, workers)
        : Batches is not null ? new EnumerableFeed(Batches, maxQueueSize, workers)
        : AsyncBatches is not null ? new AsyncFeed(AsyncBatches, steps is null, maxQueueSize, workers, token)
        : null;
}
