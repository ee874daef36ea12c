namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The cosine of the angle between targets and predictions (Keras <c>keras.metrics.CosineSimilarity</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="axis">The axis of the vectors.</param>
public class CosineSimilarity(string name = "cosine_similarity", int axis = -1)
    : MeanMetric((t, p) => Losses.LossFunctions.Cosine(t, p, axis), name, new() { ["axis"] = axis })
{
}
