namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>How the values of a loss are reduced to one number (Keras <c>losses_utils.Reduction</c>).</summary>
public enum Reduction
{
    /// <summary>
    /// No reduction: <see cref="Loss.Apply"/> returns one value per sample. Training, which needs one number, uses
    /// their mean.
    /// </summary>
    None,

    /// <summary>The sum of the weighted values.</summary>
    Sum,

    /// <summary>The sum of the weighted values, divided by their number (not by the sum of the weights).</summary>
    SumOverBatchSize,

    /// <summary>The same as <see cref="SumOverBatchSize"/> (Keras 3 <c>mean</c>).</summary>
    Mean,

    /// <summary>The sum of the weighted values, divided by the sum of the weights that are given (Keras 3
    /// <c>mean_with_sample_weight</c>).</summary>
    MeanWithSampleWeight,
}
