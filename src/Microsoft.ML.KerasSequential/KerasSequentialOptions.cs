using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Options for training a network in an ML.NET pipeline: the arguments of <see cref="Sequential.Compile"/> and
/// <c>Fit</c> under their Keras names, and the columns to use. Of Keras' arguments, only <c>target_tensors</c> is
/// missing: the data comes from the pipeline.
/// </summary>
/// <remarks>The options are read when an estimator is created; later changes have no effect on it.</remarks>
public sealed class KerasSequentialOptions
{
    /// <summary>The label column; <c>Label</c> by default. For a network that learns to reproduce its input (an
    /// autoencoder), use the feature column.</summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>The feature column, a vector or single value of numbers, Booleans or keys; <c>Features</c> by
    /// default.</summary>
    public string FeatureColumnName { get; set; } = "Features";

    /// <summary>Several feature columns, which are concatenated; instead of <see cref="FeatureColumnName"/>.</summary>
    public IReadOnlyList<string>? FeatureColumnNames { get; set; }

    /// <summary>The column of sample weights (Keras <c>sample_weight</c>), or null.</summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>The output column of a network used as a transform (<c>ml.Transforms.KerasSequential</c>); <c>Score</c>
    /// by default.</summary>
    public string OutputColumnName { get; set; } = "Score";

    /// <summary>The shape of one sample, such as 28, 28, 1 for an image in a vector of 784; by default that of the
    /// first layer, otherwise that of the feature column.</summary>
    public int[]? InputShape { get; set; }

    /// <summary>The optimizer; <c>rmsprop</c> by default, or that of a compiled network from whose weights training
    /// starts. Each training run uses a copy.</summary>
    public Optimizer? Optimizer { get; set; }

    /// <summary>
    /// The loss; by default, depends on the task: <c>sparse_categorical_crossentropy</c> for multiclass
    /// (<c>categorical_crossentropy</c> for a vector label), <c>binary_crossentropy</c> for binary, <c>mse</c>
    /// otherwise. Labels are converted to the form that the loss expects.
    /// </summary>
    public LossSet? Loss { get; set; }

    /// <summary>The metrics to report; <c>accuracy</c> by default for classification. Each training run uses
    /// copies.</summary>
    public MetricSet? Metrics { get; set; }

    /// <summary>A weight for the loss.</summary>
    public LossWeights? LossWeights { get; set; }

    /// <summary>Whether sample weights apply to samples (the default) or time steps.</summary>
    public SampleWeightMode? SampleWeightMode { get; set; }

    /// <summary>The metrics to report, weighted by sample and class weights.</summary>
    public MetricSet? WeightedMetrics { get; set; }

    /// <summary>The number of samples per update; 32 by default.</summary>
    public int? BatchSize { get; set; }

    /// <summary>The last epoch, counted from 1; 1 by default. 0 for scoring only: with a trained network, no label is
    /// needed.</summary>
    public int Epochs { get; set; } = 1;

    /// <summary>0 for no console output (the default here), 1 for a progress bar, 2 for one line per epoch.
    /// <c>MLContext.Log</c> always gets one line per epoch.</summary>
    public int Verbose { get; set; }

    /// <summary>The callbacks, which are the same objects in each training run.</summary>
    public IReadOnlyList<Callback>? Callbacks { get; set; }

    /// <summary>The fraction of the rows, taken from the end, to hold out for validation.</summary>
    public double ValidationSplit { get; set; }

    /// <summary>Rows for validation, with the same columns as the training data; they override the split. <c>Fit</c>
    /// with two data views overrides both.</summary>
    /// <remarks>The data view must already have passed through the transforms before the network; in a pipeline that is
    /// fitted as a whole, use <see cref="ValidationSplit"/>.</remarks>
    public IDataView? ValidationData { get; set; }

    /// <summary>Whether rows (the default) or whole batches are shuffled before each epoch. Streamed rows are shuffled
    /// within blocks.</summary>
    public Shuffle? Shuffle { get; set; }

    /// <summary>The weights of the rows of each label value.</summary>
    public ClassWeights? ClassWeight { get; set; }

    /// <summary>The epoch to start with, counted from 0.</summary>
    public int InitialEpoch { get; set; }

    /// <summary>The number of updates per epoch; the rows are used in turn, <see cref="BatchSize"/> per
    /// update.</summary>
    public int? StepsPerEpoch { get; set; }

    /// <summary>The number of batches for validation; all by default.</summary>
    public int? ValidationSteps { get; set; }

    /// <summary>The epochs after which validation runs.</summary>
    public ValidationFreq? ValidationFreq { get; set; }

    /// <summary>The number of batches to prefetch if rows are streamed.</summary>
    public int MaxQueueSize { get; set; } = 10;

    /// <summary>The number of threads that make batches if rows are streamed; 0 for the training thread.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Accepted for compatibility with Keras; .NET threads have no global lock.</summary>
    public bool UseMultiprocessing { get; set; }

    /// <summary>A file that a <see cref="TrainingCheckpoint"/> wrote, from which training resumes.</summary>
    public string? ResumeFrom { get; set; }

    /// <summary>The device on which the network runs; <see cref="Device.Default"/> by default.</summary>
    public Device? Device { get; set; }

    /// <summary>
    /// The processes that train the network together (<see cref="Sequential.Distribute"/>); null, the default, for this
    /// process only. Every process runs the whole program over the same rows and keeps only its share: rows are dealt
    /// in turn, and shuffled within each process. The trained network is the same in all of them.
    /// </summary>
    public Distribution? Distribution { get; set; }

    /// <summary>The seed for initial weights, the order of the rows and dropout; by default, that of the
    /// <see cref="MLContext"/>. The same seed produces the same network, bit for bit.</summary>
    public long? Seed { get; set; }

    /// <summary>
    /// The maximum size of rows in memory, in bytes as float32; 2 GiB by default. More rows are streamed from the data
    /// view in each epoch, in two blocks of half this size: one is trained on while the other is read.
    /// </summary>
    public long MaxInMemoryBytes { get; set; } = DefaultMaxInMemoryBytes;

    internal const long DefaultMaxInMemoryBytes = 2L << 30;

    /// <summary>
    /// A logger for the network (<see cref="Sequential.Logger"/>) in addition to <c>MLContext.Log</c>, which always
    /// receives one line per epoch and warnings; none by default.
    /// </summary>
    public ILogger? Logger { get; set; }

    /// <summary>Receives the progress of training; nothing by default.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Cancels training between two batches with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The feature columns, however they were given.</summary>
    internal IReadOnlyList<string> Features =>
        FeatureColumnNames is { Count: > 0 } several ? several : [FeatureColumnName];

    /// <summary>Returns a checked copy.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the parameter name is that of the
    /// option.</exception>
    internal KerasSequentialOptions Checked()
    {
        var copy = (KerasSequentialOptions)MemberwiseClone();
        ArgumentException.ThrowIfNullOrEmpty(LabelColumnName, nameof(LabelColumnName));
        foreach (string column in Features) ArgumentException.ThrowIfNullOrEmpty(column, nameof(FeatureColumnName));
        ArgumentException.ThrowIfNullOrEmpty(OutputColumnName, nameof(OutputColumnName));
        if (Features.Distinct().Count() < Features.Count)
            throw new ArgumentException($"A feature column is given twice: {string.Join(", ", Features)}.",
                nameof(FeatureColumnNames));
        if (InputShape is { } shape && (shape.Length == 0 || shape.Any(d => d < 1)))
            throw new ArgumentException(
                $"The sizes of an input shape must be 1 or more; given ({string.Join(", ", shape)}).",
                nameof(InputShape));
        if (InputShape is not null) _ = Graphs.Counts.Values(InputShape, nameof(InputShape));
        if (BatchSize is < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize),
                $"A batch size must be 1 or more; given {BatchSize}.");
        ArgumentOutOfRangeException.ThrowIfNegative(Epochs, nameof(Epochs));
        ArgumentOutOfRangeException.ThrowIfNegative(InitialEpoch, nameof(InitialEpoch));
        if (Verbose is < 0 or > 2)
            throw new ArgumentOutOfRangeException(nameof(Verbose), $"`verbose` must be 0, 1 or 2; given {Verbose}.");
        if (!(ValidationSplit >= 0 && ValidationSplit < 1))
            throw new ArgumentOutOfRangeException(nameof(ValidationSplit),
                $"The validation split must be in [0, 1); given {ValidationSplit}.");
        if (StepsPerEpoch is < 1)
            throw new ArgumentOutOfRangeException(nameof(StepsPerEpoch),
                $"`steps_per_epoch` must be 1 or more; given {StepsPerEpoch}.");
        if (ValidationSteps is < 1)
            throw new ArgumentOutOfRangeException(nameof(ValidationSteps),
                $"`validation_steps` must be 1 or more; given {ValidationSteps}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueueSize, 1, nameof(MaxQueueSize));
        ArgumentOutOfRangeException.ThrowIfNegative(Workers, nameof(Workers));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxInMemoryBytes, nameof(MaxInMemoryBytes));
        return copy;
    }
}
