using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Convolution over sequences, (batch, steps, channels) (Keras <c>keras.layers.Conv1D</c>).</summary>
public class Conv1D : Conv
{
    /// <summary>Creates the layer.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of the kernel: one number per dimension, or one for all.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding">
    /// <c>valid</c>, <c>same</c> or <c>causal</c> (the output at a time step depends on no later step).
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The spacing of the kernel's elements; 1 by default.</param>
    /// <param name="groups">
    /// The number of groups of channels, each of which is convolved with its own filters; a divisor of the numbers of
    /// input channels and of filters.
    /// </param>
    /// <param name="activation">The activation function; none by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="loraRank">
    /// The rank of an adapter: the kernel is frozen, and a product of two matrices with this size between them is
    /// trained instead (LoRA); none by default. See <see cref="EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public Conv1D(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null, int groups = 1,
        ActivationFunction? activation = null, bool useBias = true, Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        int? loraRank = null, double? loraAlpha = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(filters, kernelSize, strides, padding, dataFormat, dilationRate, groups, activation, useBias,
            kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, activityRegularizer,
            kernelConstraint, biasConstraint,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize)) =>
        UseAdapter(loraRank, loraAlpha);

    internal Conv1D(int filters, Sizes kernelSize, Sizes? strides, string padding, string? dataFormat,
        Sizes? dilationRate, int groups, ActivationFunction? activation, bool useBias, Initializer? kernelInitializer,
        Initializer? biasInitializer, Regularizer? kernelRegularizer, Regularizer? biasRegularizer,
        Regularizer? activityRegularizer, Constraint? kernelConstraint, Constraint? biasConstraint,
        LayerOptions options)
        : base(1, filters, new(kernelSize, strides, padding, dataFormat, dilationRate, activation, useBias,
            biasInitializer, biasRegularizer, activityRegularizer, biasConstraint), kernelInitializer,
            kernelRegularizer, kernelConstraint, options, groups)
    {
    }

    /// <summary>Whether the kernel is frozen and adapted by a product of two small matrices (Keras
    /// <c>lora_enabled</c>).</summary>
    public bool LoraEnabled => Adapter is not null;

    /// <summary>The rank of the adapter (Keras <c>lora_rank</c>); null for none.</summary>
    public int? LoraRank => AdapterRank;

    /// <summary>The factor of the adapter, before it is divided by the rank (Keras <c>lora_alpha</c>); null for
    /// none.</summary>
    public double? LoraAlpha => AdapterAlpha;

    /// <summary>
    /// Freezes the kernel and adds a product of two small matrices to it, which are trained instead (LoRA, Hu et
    /// al. 2021; Keras <c>enable_lora</c>): the layer uses kernel + loraAlpha/rank·A·B. The
    /// weights are then those of before, A (…, rank), and B (rank, last size of the kernel). A compiled model trains
    /// them from its next step on.
    /// </summary>
    /// <param name="rank">The size between the two matrices, 1 or more.</param>
    /// <param name="loraAlpha">The factor of the product, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="aInitializer">The initializer for A; <c>he_uniform</c> by default.</param>
    /// <param name="bInitializer">The initializer for B; <c>zeros</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rank"/> is less than 1, or
    /// <paramref name="loraAlpha"/> is not finite.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet, is already adapted, has a constraint
    /// on the kernel, or is part of a model that is being trained.</exception>
    public void EnableLora(int rank, double? loraAlpha = null, Initializer? aInitializer = null,
        Initializer? bInitializer = null) =>
        EnableAdapter(Target, rank, loraAlpha, aInitializer, bInitializer);
}
