using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Convolution of each channel of sequences, (batch, steps, channels), on its own (Keras
/// <c>keras.layers.DepthwiseConv1D</c>). Weights: kernel (…kernel size,
/// channels, multiplier), bias (channels · multiplier).
/// </summary>
public class DepthwiseConv1D : DepthwiseConv
{
    /// <summary>Creates the layer.</summary>
    /// <param name="kernelSize">The size of the kernel: one number per dimension, or one for all.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="depthMultiplier">The number of kernels per input channel.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The spacing of the kernel's elements; 1 by default.</param>
    /// <param name="activation">The activation function; none by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="depthwiseInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="depthwiseRegularizer">The regularizer for the kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="depthwiseConstraint">The constraint on the kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public DepthwiseConv1D(Sizes kernelSize, Sizes? strides = null, string padding = "valid", int depthMultiplier = 1,
        string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null,
        bool useBias = true, Initializer? depthwiseInitializer = null, Initializer? biasInitializer = null,
        Regularizer? depthwiseRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? depthwiseConstraint = null,
        Constraint? biasConstraint = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(kernelSize, strides, padding, depthMultiplier, dataFormat, dilationRate, activation,
            useBias, depthwiseInitializer, biasInitializer, depthwiseRegularizer, biasRegularizer, activityRegularizer,
            depthwiseConstraint, biasConstraint,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal DepthwiseConv1D(Sizes kernelSize, Sizes? strides, string padding, int depthMultiplier, string? dataFormat,
        Sizes? dilationRate, ActivationFunction? activation, bool useBias, Initializer? depthwiseInitializer,
        Initializer? biasInitializer, Regularizer? depthwiseRegularizer, Regularizer? biasRegularizer,
        Regularizer? activityRegularizer, Constraint? depthwiseConstraint, Constraint? biasConstraint,
        LayerOptions options)
        : base(1, new(kernelSize, strides, padding, dataFormat, dilationRate, activation, useBias, biasInitializer,
            biasRegularizer, activityRegularizer, biasConstraint), depthMultiplier, depthwiseInitializer,
            depthwiseRegularizer, depthwiseConstraint, options)
    {
    }
}
