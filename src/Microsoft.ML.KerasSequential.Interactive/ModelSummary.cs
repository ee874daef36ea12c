using Microsoft.ML.KerasSequential.Interactive;

namespace Microsoft.ML.KerasSequential;

/// <summary>The summary of a model as a value.</summary>
public static class ModelSummary
{
    /// <summary>The layers with their output shapes and numbers of parameters, as a table that a notebook shows (Keras
    /// <c>summary</c>).</summary>
    /// <param name="model">The model. What is changed in it later does not change the table.</param>
    /// <returns>The table.</returns>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    public static SummaryTable SummaryTable(this Sequential model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model);
    }
}
