using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The overlap of areas for one-hot targets (Keras 3 <c>keras.metrics.OneHotMeanIoU</c>): see <see cref="MeanIoU"/>.
/// Predictions have one value per class too, unless <see cref="IoU.SparseYPred"/> is set.
/// </summary>
public class OneHotMeanIoU : MeanIoU
{
    /// <summary>Creates the metric.</summary>
    /// <param name="numClasses">The number of classes, 1 or more.</param>
    /// <param name="name">The metric's name; <c>one_hot_mean_io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1.</exception>
    public OneHotMeanIoU(int numClasses, string? name = null)
        : base(numClasses, "one_hot_mean_io_u", name) => (SparseYTrue, SparseYPred) = (false, false);

    private protected override bool IsStrict => false;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("sparse_y_true");
        config["sparse_y_pred"] = SparseYPred;
        return config;
    }
}
