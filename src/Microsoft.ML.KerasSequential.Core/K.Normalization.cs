using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential;

// Normalization.
public static partial class K
{
    /// <summary>
    /// (x − mean)/√(variance + ε)·gamma + beta with given statistics (Keras <c>K.batch_normalization</c>). Vectors
    /// apply along the axis; tensors with more dimensions broadcast unchanged.
    /// </summary>
    /// <param name="x">A tensor, batch first.</param>
    /// <param name="mean">The mean of each channel.</param>
    /// <param name="var">The variance of each channel.</param>
    /// <param name="beta">The offset to add, or null.</param>
    /// <param name="gamma">The scale to multiply by, or null.</param>
    /// <param name="axis">The axis of the channels.</param>
    /// <param name="epsilon">A value added to the variance to avoid division by 0.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static Tensor BatchNormalization(
        Tensor x, Tensor mean, Tensor var, Tensor? beta, Tensor? gamma, int axis = -1, double epsilon = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(var);
        int at = x.Dims.Axis(axis);
        Tensor y = Normalized(x, mean, var, gamma, beta, epsilon, channels => AlongAxis(channels, x, at));
        Tensor[] scales = [.. new[] { gamma, beta }.OfType<Tensor>()];
        // The ONNX operator takes vectors of known size.
        bool plain = scales.Append(mean).Append(var).All(
            t => t.Rank == 1 && t.Dims[0].Constant is int and > 0 && t.Dims[0].Equals(x.Dims[at])) && at > 0;
        return plain ? y.Called(
            new Ops.BatchNormalized(at, (float)epsilon, gamma is not null, beta is not null),
            [x, mean, var, .. scales]) : y;
    }

    /// <summary>Normalizes with the mean and the variance of the batch (Keras
    /// <c>K.normalize_batch_in_training</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="gamma">The scale to multiply by, in the shape of the remaining axes; or null.</param>
    /// <param name="beta">The offset to add, in the same shape; or null.</param>
    /// <param name="reductionAxes">The axes over which the mean and variance are computed.</param>
    /// <param name="epsilon">A value added to the variance to avoid division by 0.</param>
    /// <returns>The tensor, its mean and its variance; the latter two without the reduced axes.</returns>
    /// <exception cref="ArgumentException">An axis is out of range, or the shapes do not match.</exception>
    public static (Tensor Normalized, Tensor Mean, Tensor Variance) NormalizeBatchInTraining(
        Tensor x, Tensor? gamma, Tensor? beta, int[] reductionAxes, double epsilon = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(reductionAxes);
        int[] axes = [.. reductionAxes.Select(x.Dims.Axis).Distinct()];
        Tensor mean = Mean(x, axes), variance = Var(x, axes);
        var kept = new Dims([.. x.Dims.Select((d, i) => axes.Contains(i) ? (Dim)1 : d)]);
        Tensor y = Normalized(x, mean, variance, gamma, beta, epsilon, t => new(new Ops.Reshape(kept), t));
        return (y, mean, variance);
    }

    /// <summary>Reshapes a vector along an axis of x, with sizes of 1 elsewhere; other tensors stay
    /// unchanged.</summary>
    internal static Tensor AlongAxis(Tensor channels, Tensor x, int axis) =>
        channels.Rank != 1 || axis == x.Rank - 1 ? channels
        : new(new Ops.Reshape(new([.. x.Dims.Select((_, i) => i == axis ? channels.Dims[0] : 1)])), channels);

    static Tensor Normalized(
        Tensor x, Tensor mean, Tensor variance, Tensor? gamma, Tensor? beta, double epsilon, Func<Tensor, Tensor> wide)
    {
        Tensor y = (x - wide(mean)) / Sqrt(wide(variance) + epsilon);
        if (gamma is not null) y *= wide(gamma);
        return beta is null ? y : y + wide(beta);
    }
}
