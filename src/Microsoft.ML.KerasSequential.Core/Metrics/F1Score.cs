using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The harmonic mean of precision and recall of each class (Keras 3 <c>keras.metrics.F1Score</c>): see
/// <see cref="FBetaScore"/>.
/// </summary>
/// <param name="average">
/// How the classes become one number: <c>macro</c>, <c>weighted</c>, or <c>micro</c>; null for one number per class,
/// which a model cannot report.
/// </param>
/// <param name="threshold">
/// The number in (0, 1] above which a prediction is positive; null for the largest prediction of each sample.
/// </param>
/// <param name="name">The metric's name.</param>
public class F1Score(string? average = null, double? threshold = null, string name = "f1_score")
    : FBetaScore(average, 1, threshold, name)
{
    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("beta");
        return config;
    }
}
