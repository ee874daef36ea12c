using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential;

// Normalization.
public static partial class K
{
    /// <summary>
    /// (x − mean)/√(variance + ε)·gamma + beta with given statistics (Keras <c>K.batch_normalization</c>). Vectors lie
    /// along the axis; tensors of more dimensions broadcast as they are.
    /// </summary>
    /// <param name="x">A tensor, batch first.</param>
    /// <param name="mean">The mean of each channel.</param>
    /// <param name="var">The variance of each channel.</param>
    /// <param name="beta">What is added, or null.</param>
    /// <param name="gamma">What it is multiplied by, or null.</param>
    /// <param name="axis">The axis of the channels.</param>
    /// <param name="epsilon">Added to the variance, against division by 0.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor BatchNormalization(
        Tensor x, Tensor mean, Tensor var, Tensor? beta, Tensor? gamma, int axis = -1, double epsilon = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(var);
        int at = x.Dims.Axis(axis);
        Tensor Wide(Tensor channels) => channels.Rank != 1 || at == x.Rank - 1 ? channels
            : new(new Ops.Reshape(new([.. x.Dims.Select((_, i) => i == at ? channels.Dims[0] : 1)])), channels);
        Tensor y = (x - Wide(mean)) / Sqrt(Wide(var) + epsilon);
        if (gamma is not null) y *= Wide(gamma);
        if (beta is not null) y += Wide(beta);
        Tensor[] scales = [.. new[] { gamma, beta }.OfType<Tensor>()];
        // The standard's operator takes vectors of known size.
        bool plain = scales.Append(mean).Append(var).All(
            t => t.Rank == 1 && t.Dims[0].Constant is int and > 0 && t.Dims[0].Equals(x.Dims[at])) && at > 0;
        return plain ? y.Called(
            new Ops.BatchNormalized(at, (float)epsilon, gamma is not null, beta is not null),
            [x, mean, var, .. scales]) : y;
    }

    /// <summary>Normalizes by the mean and the variance of the batch itself (Keras
    /// <c>K.normalize_batch_in_training</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="gamma">What it is multiplied by, in the shape of the axes that stay; or null.</param>
    /// <param name="beta">What is added, in the same shape; or null.</param>
    /// <param name="reductionAxes">The axes over which mean and variance are taken.</param>
    /// <param name="epsilon">Added to the variance, against division by 0.</param>
    /// <returns>The tensor, its mean and its variance; the latter two without the reduced axes.</returns>
    /// <exception cref="ArgumentException">An axis is out of range, or the shapes do not fit.</exception>
    public static (Tensor Normalized, Tensor Mean, Tensor Variance) NormalizeBatchInTraining(
        Tensor x, Tensor? gamma, Tensor? beta, int[] reductionAxes, double epsilon = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(reductionAxes);
        int[] axes = [.. reductionAxes.Select(x.Dims.Axis).Distinct()];
        Tensor mean = Mean(x, axes), variance = Var(x, axes);
        var kept = new Dims([.. x.Dims.Select((d, i) => axes.Contains(i) ? (Dim)1 : d)]);
        Tensor Wide(Tensor t) => new(new Ops.Reshape(kept), t);
        Tensor y = (x - Wide(mean)) / Sqrt(Wide(variance) + epsilon);
        if (gamma is not null) y *= Wide(gamma);
        if (beta is not null) y += Wide(beta);
        return (y, mean, variance);
    }
}
