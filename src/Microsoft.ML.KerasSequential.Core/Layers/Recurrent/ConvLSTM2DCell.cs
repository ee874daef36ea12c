using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A long short-term memory (LSTM) cell whose products are convolutions of images (Shi et al. 2015; Keras
/// <c>keras.layers.ConvLSTM2DCell</c>). Weights: kernel (rows, columns, channels, 4·filters), recurrent kernel (rows,
/// columns, filters, 4·filters), bias; the gates are in the order i, f, c, o.
/// </summary>
public class ConvLSTM2DCell : ConvLSTMCell
{
    /// <summary>Creates the cell.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of both kernels: one number per dimension, or one for both.</param>
    /// <param name="strides">The stride of the kernel over the input; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>, for the input.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The spacing of the elements of the kernel over the input; 1 by default.</param>
    /// <param name="activation">The activation function of the new values; <c>tanh</c> by default.</param>
    /// <param name="recurrentActivation">The activation function of the gates; <c>hard_sigmoid</c> by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="recurrentInitializer">
    /// The initializer for the recurrent kernel; <c>orthogonal</c> by default.
    /// </param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="unitForgetBias">Whether the forget gate's bias starts at 1 (Jozefowicz et al. 2015).</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="recurrentRegularizer">The regularizer for the recurrent kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="recurrentConstraint">The constraint on the recurrent kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="dropout">The fraction of the inputs set to 0 in training.</param>
    /// <param name="recurrentDropout">
    /// The fraction of the state set to 0 in training, before the recurrent kernel.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <exception cref="ArgumentException">A number is out of range, or an argument is unknown.</exception>
    public ConvLSTM2DCell(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null,
        ActivationFunction? recurrentActivation = null, bool useBias = true, Initializer? kernelInitializer = null,
        Initializer? recurrentInitializer = null, Initializer? biasInitializer = null,
        bool unitForgetBias = true, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null,
        Regularizer? biasRegularizer = null, Constraint? kernelConstraint = null,
        Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, double dropout = 0,
        double recurrentDropout = 0, string? name = null, bool trainable = true)
        : this(new ConvGeometry(kernelSize, strides, padding, dataFormat, dilationRate),
            new CellOptions(filters, activation, recurrentActivation ?? "hard_sigmoid", useBias, kernelInitializer,
            recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer,
            kernelConstraint, recurrentConstraint, biasConstraint, dropout, recurrentDropout, 2), unitForgetBias,
            new LayerOptions(name, trainable))
    {
    }

    internal ConvLSTM2DCell(ConvGeometry geometry, CellOptions options, bool unitForgetBias, LayerOptions layer)
        : base(2, geometry, options, unitForgetBias, layer)
    {
    }
}
