using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

// Statistics of each time step, for TimeDistributed.
public partial class BatchNormalization
{
    TimeSteps? _steps;

    /// <summary>A sequence whose time steps are traced as one batch.</summary>
    /// <param name="Batch">The number of samples.</param>
    /// <param name="Count">The number of time steps.</param>
    /// <param name="Mask">The time steps that count (batch, steps), or null for all.</param>
    sealed record TimeSteps(Dim Batch, int Count, Tensor? Mask);

    /// <summary>
    /// Applies the layer to all time steps (batch·steps, …) so that in training each one has its own mean and variance,
    /// and the moving ones follow one after another.
    /// </summary>
    internal Tensor ApplyToSteps(Tensor merged, Dim batch, int count, Tensor? mask)
    {
        _steps = new(batch, count, mask);
        try
        {
            return Apply(new Masked(merged, null)).Value;
        }
        finally
        {
            _steps = null;
        }
    }

    Tensor PerStep(Tensor merged, TimeSteps steps, int axis)
    {
        if (_renorm)
            throw new NotSupportedException($"Layer {Name}: `renorm` is not available in a TimeDistributed with " +
                "`statisticsPerStep`.");
        Tensor x = new(new Ops.Reshape(new Dims([steps.Batch, steps.Count, .. merged.Dims.Skip(1)])), merged);
        int[] others = [.. Enumerable.Range(0, x.Rank).Where(i => i != 1 && i != axis + 1)];
        Tensor? counted = _ignoreMaskedSteps && steps.Mask is not null ? Counted(x, steps.Mask) : null;
        Tensor n = counted is null ? K.CountOver(x, others) : K.Sum(counted, others, keepdims: true);
        Tensor MeanOf(Tensor values) => counted is null ? K.Mean(values, others, keepdims: true)
            : K.Sum(values * counted, others, keepdims: true) / K.Maximum(n, 1);
        Tensor mean = MeanOf(x), off = x - mean, variance = MeanOf(K.Square(off));
        AddUpdate(_movingMean!, After(_movingMean!, mean));
        AddUpdate(_movingVariance!, After(_movingVariance!,
            _biasedMovingVariance ? variance : variance * (n / (n - (1 + _epsilon)))));
        Tensor y = off / K.Sqrt(variance + _epsilon);
        if (_gamma is not null) y *= K.AlongAxis(_gamma, x, axis + 1);
        if (_beta is not null) y += K.AlongAxis(_beta, x, axis + 1);
        return new(new Ops.Reshape(merged.Dims), y);

        // An update for each step: mᵀ·moving + (1 − m)·Σ mᵀ⁻¹⁻ᵗ·valueₜ.
        Tensor After(Variable moving, Tensor values)
        {
            float[] shares = [.. Enumerable.Range(1, steps.Count)
                .Select(t => (float)((1 - _momentum) * Math.Pow(_momentum, steps.Count - t)))];
            Tensor sum = K.Dot(K.Constant(new NDArray(shares, 1, steps.Count)),
                K.Reshape(values, steps.Count, moving.Size));
            return Math.Pow(_momentum, steps.Count) * moving + K.Reshape(sum, moving.Size);
        }
    }
}
