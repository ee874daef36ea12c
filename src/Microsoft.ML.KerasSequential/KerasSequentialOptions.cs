using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// How a network is trained in an ML.NET pipeline: the arguments of <see cref="Sequential.Compile"/> and <c>Fit</c> under their Keras names,
/// and the columns that they come from. Of Keras' arguments only <c>target_tensors</c> is missing: data come from the pipeline.
/// </summary>
/// <remarks>The options are read when an estimator is made; later changes do not reach it.</remarks>
public sealed class KerasSequentialOptions
{
    /// <summary>The column that is learnt; <c>Label</c> by default. A network that learns to give back its input (an auto-encoder) names the feature column.</summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>The column that the network sees, a vector or a value of numbers, Booleans or keys; <c>Features</c> by default.</summary>
    public string FeatureColumnName { get; set; } = "Features";

    /// <summary>Several columns that the network sees, one after the other; instead of <see cref="FeatureColumnName"/>.</summary>
    public IReadOnlyList<string>? FeatureColumnNames { get; set; }

    /// <summary>The column of factors of the samples (Keras <c>sample_weight</c>), or null.</summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>The column that a network without a task of its own (<c>ml.Transforms.KerasSequential</c>) writes; <c>Score</c> by default.</summary>
    public string OutputColumnName { get; set; } = "Score";

    /// <summary>The shape of one sample, such as 28, 28, 1 for an image in a vector of 784; by default the first layer's, else that of the feature column.</summary>
    public int[]? InputShape { get; set; }

    /// <summary>The optimizer; <c>rmsprop</c> by default, or that of a compiled network whose weights are the start. Each training uses a copy.</summary>
    public Optimizer? Optimizer { get; set; }

    /// <summary>
    /// The loss; by default what fits the task: <c>sparse_categorical_crossentropy</c> for classes (<c>categorical_crossentropy</c> for a label of vectors),
    /// <c>binary_crossentropy</c> for Booleans, <c>mse</c> otherwise. Labels are brought into the form that the loss takes.
    /// </summary>
    public LossSet? Loss { get; set; }

    /// <summary>What is reported besides the loss; <c>accuracy</c> by default where classes are learnt. Each training uses copies.</summary>
    public MetricSet? Metrics { get; set; }

    /// <summary>A factor of the loss.</summary>
    public LossWeights? LossWeights { get; set; }

    /// <summary>Whether sample weights weigh samples (the default) or steps.</summary>
    public SampleWeightMode? SampleWeightMode { get; set; }

    /// <summary>What is reported besides, weighted by sample and class weights.</summary>
    public MetricSet? WeightedMetrics { get; set; }

    /// <summary>Samples an update; 32 by default.</summary>
    public int? BatchSize { get; set; }

    /// <summary>The last epoch, counted from 1; 1 by default. 0 only scores: with a network that is trained already no label is needed.</summary>
    public int Epochs { get; set; } = 1;

    /// <summary>0 for silence on the console, which is the default here; 1 for a progress bar, 2 for a line an epoch. <c>MLContext.Log</c> gets a line an epoch in any case.</summary>
    public int Verbose { get; set; }

    /// <summary>Hooks. They are the same objects in each training.</summary>
    public IReadOnlyList<Callback>? Callbacks { get; set; }

    /// <summary>The share of the rows, taken from the end, that is held back for validation.</summary>
    public double ValidationSplit { get; set; }

    /// <summary>Rows for validation, with the same columns as the training's; they win over the split. <c>Fit</c> with two views wins over both.</summary>
    /// <remarks>The view must have gone through the transforms before the network; in a pipeline that is fitted whole, use <see cref="ValidationSplit"/>.</remarks>
    public IDataView? ValidationData { get; set; }

    /// <summary>Whether rows are reordered before each epoch (the default), or whole batches. Rows that are streamed are reordered within blocks.</summary>
    public Shuffle? Shuffle { get; set; }

    /// <summary>A factor for the rows of each label value.</summary>
    public ClassWeights? ClassWeight { get; set; }

    /// <summary>The epoch to begin with, counted from 0.</summary>
    public int InitialEpoch { get; set; }

    /// <summary>How many updates an epoch has; the rows are taken in turn, <see cref="BatchSize"/> an update.</summary>
    public int? StepsPerEpoch { get; set; }

    /// <summary>How many batches a validation takes; all by default.</summary>
    public int? ValidationSteps { get; set; }

    /// <summary>After which epochs validation runs.</summary>
    public ValidationFreq? ValidationFreq { get; set; }

    /// <summary>How many batches are made ahead where rows are streamed.</summary>
    public int MaxQueueSize { get; set; } = 10;

    /// <summary>How many threads make batches where rows are streamed; 0 for the training's own.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Accepted for Keras' sake: .NET threads have no global lock.</summary>
    public bool UseMultiprocessing { get; set; }

    /// <summary>A file that a <see cref="TrainingCheckpoint"/> wrote, from which the training goes on.</summary>
    public string? ResumeFrom { get; set; }

    /// <summary>Where the network runs; <see cref="Device.Default"/> by default.</summary>
    public Device? Device { get; set; }

    /// <summary>
    /// The processes that train the network together (<see cref="Sequential.Distribute"/>); null, the default, for this one alone. Every process runs the whole program over the same rows and keeps only its own of
    /// them: they are dealt out in turn, and reordered among those of a process. The trained network is the same in all of them.
    /// </summary>
    public Distribution? Distribution { get; set; }

    /// <summary>What the first weights, the order of the rows and dropout follow from; by default the seed of the <see cref="MLContext"/>. The same seed gives the same network, bit for bit.</summary>
    public long? Seed { get; set; }

    /// <summary>
    /// How many bytes of rows, as float32, may be held in memory; 2 GiB by default. Rows beyond are read again from the view in each epoch, in two blocks of
    /// half this size: one is trained on while the other is read.
    /// </summary>
    public long MaxInMemoryBytes { get; set; } = DefaultMaxInMemoryBytes;

    internal const long DefaultMaxInMemoryBytes = 2L << 30;

    /// <summary>
    /// Where the network logs (<see cref="Sequential.Logger"/>) besides <c>MLContext.Log</c>, which gets a line an epoch and
    /// warnings in any case; nowhere by default.
    /// </summary>
    public ILogger? Logger { get; set; }

    /// <summary>Whom to report to how far the training is; nobody by default.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends the training between two batches with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The feature columns, whichever way they were given.</summary>
    internal IReadOnlyList<string> Features => FeatureColumnNames is { Count: > 0 } several ? several : [FeatureColumnName];

    /// <summary>A copy to keep, checked.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the parameter's name is the option's.</exception>
    internal KerasSequentialOptions Checked()
    {
        var copy = (KerasSequentialOptions)MemberwiseClone();
        ArgumentException.ThrowIfNullOrEmpty(LabelColumnName, nameof(LabelColumnName));
        foreach (string column in Features) ArgumentException.ThrowIfNullOrEmpty(column, nameof(FeatureColumnName));
        ArgumentException.ThrowIfNullOrEmpty(OutputColumnName, nameof(OutputColumnName));
        if (Features.Distinct().Count() < Features.Count) throw new ArgumentException($"A feature column is named twice: {string.Join(", ", Features)}.", nameof(FeatureColumnNames));
        if (InputShape is { } shape && (shape.Length == 0 || shape.Any(d => d < 1)))
            throw new ArgumentException($"The sizes of an input shape must be 1 or more; given ({string.Join(", ", shape)}).", nameof(InputShape));
        if (InputShape is not null) _ = Graphs.Counts.Values(InputShape, nameof(InputShape));
        if (BatchSize is < 1) throw new ArgumentOutOfRangeException(nameof(BatchSize), $"A batch size must be 1 or more; given {BatchSize}.");
        ArgumentOutOfRangeException.ThrowIfNegative(Epochs, nameof(Epochs));
        ArgumentOutOfRangeException.ThrowIfNegative(InitialEpoch, nameof(InitialEpoch));
        if (Verbose is < 0 or > 2) throw new ArgumentOutOfRangeException(nameof(Verbose), $"`verbose` must be 0, 1 or 2; given {Verbose}.");
        if (!(ValidationSplit >= 0 && ValidationSplit < 1)) throw new ArgumentOutOfRangeException(nameof(ValidationSplit), $"The validation split must be in [0, 1); given {ValidationSplit}.");
        if (StepsPerEpoch is < 1) throw new ArgumentOutOfRangeException(nameof(StepsPerEpoch), $"`steps_per_epoch` must be 1 or more; given {StepsPerEpoch}.");
        if (ValidationSteps is < 1) throw new ArgumentOutOfRangeException(nameof(ValidationSteps), $"`validation_steps` must be 1 or more; given {ValidationSteps}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueueSize, 1, nameof(MaxQueueSize));
        ArgumentOutOfRangeException.ThrowIfNegative(Workers, nameof(Workers));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxInMemoryBytes, nameof(MaxInMemoryBytes));
        return copy;
    }
}
