using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Another name of <see cref="Conv2DTranspose"/> (Keras <c>keras.layers.Deconvolution2D</c>): configurations and names are those of <see cref="Conv2DTranspose"/>.</summary>
public class Deconvolution2D : Conv2DTranspose
{
    /// <summary>Makes the layer.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of the kernel, a number for each dimension or one for all.</param>
    /// <param name="strides">How far the kernel moves; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="outputPadding">How many places the output is longer, in place of what the padding leaves open: a number for each dimension or one for all, below the strides.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">How far the places that the kernel sees lie apart; 1 by default.</param>
    /// <param name="activation">A function of the output; none by default.</param>
    /// <param name="useBias">Whether a vector is added.</param>
    /// <param name="kernelInitializer">The first values of the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The first values of the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">A penalty on the kernel.</param>
    /// <param name="biasRegularizer">A penalty on the bias.</param>
    /// <param name="activityRegularizer">A penalty on the output.</param>
    /// <param name="kernelConstraint">A rule for the kernel.</param>
    /// <param name="biasConstraint">A rule for the bias.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public Deconvolution2D(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid", Sizes? outputPadding = null, string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null, bool useBias = true, Initializer? kernelInitializer = null, Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null, Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null, string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : base(filters, kernelSize, strides, padding, outputPadding, dataFormat, dilationRate, activation, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint, name, trainable, inputShape, batchInputShape, batchSize)
    {
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(Conv2DTranspose);
}
