using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Transposed convolution that enlarges volumes, (batch, planes, rows, columns, channels) (Keras
/// <c>keras.layers.Conv3DTranspose</c>).
/// </summary>
public class Conv3DTranspose : ConvTranspose
{
    /// <summary>Creates the layer.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of the kernel: one number per dimension, or one for all.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="outputPadding">
    /// How much longer the output is, since padding and strides leave its size ambiguous: one number per dimension, or
    /// one for all, less than the strides.
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The spacing of the kernel's elements; 1 by default.</param>
    /// <param name="activation">The activation function; none by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public Conv3DTranspose(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        Sizes? outputPadding = null, string? dataFormat = null, Sizes? dilationRate = null,
        ActivationFunction? activation = null,
        bool useBias = true, Initializer? kernelInitializer = null, Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(filters, kernelSize, strides, padding, outputPadding, dataFormat, dilationRate, activation, useBias,
        kernelInitializer,
            biasInitializer, kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Conv3DTranspose(int filters, Sizes kernelSize, Sizes? strides, string padding, Sizes? outputPadding,
        string? dataFormat, Sizes? dilationRate, ActivationFunction? activation, bool useBias,
        Initializer? kernelInitializer,
        Initializer? biasInitializer, Regularizer? kernelRegularizer, Regularizer? biasRegularizer,
        Regularizer? activityRegularizer, Constraint? kernelConstraint, Constraint? biasConstraint,
        LayerOptions options)
        : base(3, filters, new(kernelSize, strides, padding, dataFormat, dilationRate, activation, useBias,
        biasInitializer,
            biasRegularizer, activityRegularizer, biasConstraint), outputPadding, kernelInitializer, kernelRegularizer,
            kernelConstraint, options)
    {
    }
}
