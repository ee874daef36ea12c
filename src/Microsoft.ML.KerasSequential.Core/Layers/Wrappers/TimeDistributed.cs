using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Applies a layer to each time step of a sequence, (batch, steps, …) (Keras <c>keras.layers.TimeDistributed</c>). All
/// time steps of all samples pass through the layer as one batch, so a <see cref="BatchNormalization"/> inside averages
/// over both, unless <c>statisticsPerStep</c> is true.
/// </summary>
public class TimeDistributed : Wrapper
{
    readonly bool _statisticsPerStep;

    /// <summary>Creates the layer.</summary>
    /// <param name="layer">The layer to apply to each time step.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="statisticsPerStep">
    /// Whether <paramref name="layer"/>, if it is a <see cref="BatchNormalization"/>, computes mean and variance for
    /// each time step on its own in training, as in current Keras; by default it does so over all time steps.
    /// </param>
    public TimeDistributed(Layer layer, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null, bool statisticsPerStep = false)
        : this(layer, statisticsPerStep, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal TimeDistributed(Layer layer, bool statisticsPerStep, LayerOptions options) : base(layer, options)
    {
        _statisticsPerStep = statisticsPerStep;
        Track(layer);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 3;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_statisticsPerStep && Layer is BatchNormalization normalization && x.Dims[1].Constant is { } steps
            && mask is null or { Rank: 2 })
            return Split(normalization.ApplyToSteps(Merged(x), x.Dims[0], (int)steps, mask), x);
        // A mask over time steps says nothing about the values inside a step.
        Tensor? inside = mask is { Rank: > 2 } ? Merged(mask) : null;
        Tensor y = Layer.Apply(new Masked(Merged(x), inside)).Value;
        return Split(y, x);
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor? inside = Layer.ComputeMask(Merged(x), mask is null ? null : Merged(mask));
        if (inside is not null) return Split(inside, x);
        // The time steps remain masked, although their inner values no longer are.
        return mask is { Rank: > 2 } ? K.Any(mask, [.. Enumerable.Range(2, mask.Rank - 2)]) : mask;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras does not know this key and would reject it.
        if (_statisticsPerStep) config["statistics_per_step"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        Layer.EnsureBuilt(new([null, .. inputShape.Skip(2)]));
    }

    /// <summary>(batch, steps, …) as one batch of time steps.</summary>
    static Tensor Merged(Tensor x) => new(new Ops.Reshape(new([x.Dims[0] * x.Dims[1], .. x.Dims.Skip(2)])), x);

    static Tensor Split(Tensor y, Tensor x) =>
        new(new Ops.Reshape(new Dims([x.Dims[0], x.Dims[1], .. y.Dims.Skip(1)])), y);
}
