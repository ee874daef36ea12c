using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// An alias for <see cref="Conv2D"/> (Keras <c>keras.layers.Convolution2D</c>); configurations and names are those of
/// <see cref="Conv2D"/>.
/// </summary>
public class Convolution2D : Conv2D
{
    /// <summary>Creates the layer.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of the kernel: one number per dimension, or one for all.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
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
    /// trained instead (LoRA); none by default. See <see cref="Conv2D.EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public Convolution2D(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null, int groups = 1,
        ActivationFunction? activation = null, bool useBias = true, Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        int? loraRank = null, double? loraAlpha = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : base(filters, kernelSize, strides, padding, dataFormat, dilationRate, groups, activation, useBias,
            kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, activityRegularizer,
            kernelConstraint, biasConstraint, loraRank,
            loraAlpha, name, trainable, inputShape, batchInputShape, batchSize)
    {
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(Conv2D);
}
