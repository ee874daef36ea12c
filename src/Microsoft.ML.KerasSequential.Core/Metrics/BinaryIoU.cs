using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The overlap of areas for targets 0 and 1, and predictions that are 1 from a threshold on (Keras 3
/// <c>keras.metrics.BinaryIoU</c>).
/// </summary>
public class BinaryIoU : IoU
{
    readonly double _threshold;

    /// <summary>Creates the metric.</summary>
    /// <param name="targetClassIds">The classes of which the mean is taken; null for 0 and 1.</param>
    /// <param name="threshold">The least prediction that counts as 1.</param>
    /// <param name="name">The metric's name; <c>binary_io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A class is neither 0 nor 1.</exception>
    public BinaryIoU(IReadOnlyList<int>? targetClassIds = null, double threshold = 0.5, string? name = null)
        : base(2, targetClassIds ?? [0, 1], "binary_io_u", name) => _threshold = threshold;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        foreach (string fixedKey in new[] { "num_classes", "sparse_y_true", "sparse_y_pred", "axis" })
            config.Remove(fixedKey);
        config["threshold"] = _threshold;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
        base.Update(yTrue, yPred >= _threshold, sampleWeight);
}
