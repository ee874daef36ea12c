using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean over the classes of intersection over union, TP/(TP + FP + FN), for targets and predictions that are class
/// indices; classes that never occur are ignored (Keras <c>keras.metrics.MeanIoU</c>).
/// </summary>
public class MeanIoU : IoU
{
    /// <summary>Creates the metric.</summary>
    /// <param name="numClasses">The number of classes, 1 or more.</param>
    /// <param name="name">The metric's name; <c>mean_io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1.</exception>
    public MeanIoU(int numClasses, string? name = null) : this(numClasses, "mean_io_u", name)
    {
    }

    private protected MeanIoU(int numClasses, string stem, string? name)
        : base(numClasses, [.. Enumerable.Range(0, Math.Max(1, numClasses))], stem, name)
    {
    }

    private protected override bool IsStrict => true;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("target_class_ids");
        if (SparseYTrue) config.Remove("sparse_y_true");
        if (SparseYPred) config.Remove("sparse_y_pred");
        if (Axis == -1) config.Remove("axis");
        return config;
    }
}
