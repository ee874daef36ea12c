using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The overlap of areas for one-hot targets (Keras 3 <c>keras.metrics.OneHotIoU</c>): see <see cref="IoU"/>.
/// Predictions have one value per class too, unless <see cref="IoU.SparseYPred"/> is set.
/// </summary>
public class OneHotIoU : IoU
{
    /// <summary>Creates the metric.</summary>
    /// <param name="numClasses">The number of classes, 1 or more.</param>
    /// <param name="targetClassIds">The classes of which the mean is taken.</param>
    /// <param name="name">The metric's name; <c>one_hot_io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1.</exception>
    public OneHotIoU(int numClasses, IReadOnlyList<int> targetClassIds, string? name = null)
        : base(numClasses, targetClassIds, "one_hot_io_u", name) => (SparseYTrue, SparseYPred) = (false, false);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("sparse_y_true");
        return config;
    }
}
