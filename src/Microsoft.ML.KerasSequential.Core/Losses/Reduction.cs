namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>How the values of a loss become one number (Keras <c>losses_utils.Reduction</c>).</summary>
public enum Reduction
{
    /// <summary>Not at all: <see cref="Loss.Apply"/> gives a value a sample. Training, which needs one number, takes their mean.</summary>
    None,

    /// <summary>The sum of the weighted values.</summary>
    Sum,

    /// <summary>The sum of the weighted values, divided by their number (not by the sum of the weights).</summary>
    SumOverBatchSize,
}
