using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A <see cref="ConvLSTM2DCell"/> over a sequence of images, (batch, steps, rows, columns, channels) (Keras
/// <c>keras.layers.ConvLSTM2D</c>).
/// </summary>
public class ConvLSTM2D : ConvRNN2D
{
    /// <summary>Creates the layer.</summary>
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
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="recurrentConstraint">The constraint on the recurrent kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="returnSequences">Whether to return the outputs of all time steps rather than the last one.</param>
    /// <param name="goBackwards">Whether to read the sequence backward.</param>
    /// <param name="stateful">
    /// Whether the last states of a batch are the initial states of the next one. Needs a fixed batch size.
    /// </param>
    /// <param name="dropout">The fraction of the inputs set to 0 in training.</param>
    /// <param name="recurrentDropout">
    /// The fraction of the state set to 0 in training, before the recurrent kernel.
    /// </param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or an argument is unknown.</exception>
    public ConvLSTM2D(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null,
        ActivationFunction? recurrentActivation = null, bool useBias = true, Initializer? kernelInitializer = null,
        Initializer? recurrentInitializer = null, Initializer? biasInitializer = null,
        bool unitForgetBias = true, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null,
        Regularizer? biasRegularizer = null, Regularizer? activityRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null,
        bool returnSequences = false, bool goBackwards = false, bool stateful = false, double dropout = 0,
        double recurrentDropout = 0, int? seed = null, string? name = null, bool trainable = true,
        Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(new ConvGeometry(kernelSize, strides, padding, dataFormat, dilationRate),
            new CellOptions(filters, activation, recurrentActivation ?? "hard_sigmoid", useBias, kernelInitializer,
            recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer,
            kernelConstraint, recurrentConstraint, biasConstraint, dropout, recurrentDropout, 2, seed), unitForgetBias,
            new RecurrentOptions(returnSequences, false, goBackwards, stateful, false), activityRegularizer,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ConvLSTM2D(ConvGeometry geometry, CellOptions cell, bool unitForgetBias, RecurrentOptions recurrent,
        Regularizer? activityRegularizer, LayerOptions options)
        : base(new ConvLSTM2DCell(geometry, cell, unitForgetBias, default), recurrent, activityRegularizer, options)
    {
    }

    private protected override void WriteCell(JsonObject config)
    {
        ((ConvLSTMCell)Cell).WriteSettings(config);
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
    }
}
