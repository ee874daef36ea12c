using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A <see cref="SimpleRNNCell"/> over the time steps of a sequence, (batch, steps, values) (Keras
/// <c>keras.layers.SimpleRNN</c>).
/// </summary>
public class SimpleRNN : StandardRNN
{
    /// <summary>Creates the layer.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
    /// <param name="activation">The activation function of the new values; <c>tanh</c> by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="recurrentInitializer">
    /// The initializer for the recurrent kernel; <c>orthogonal</c> by default.
    /// </param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="recurrentRegularizer">The regularizer for the recurrent kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="recurrentConstraint">The constraint on the recurrent kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="dropout">The fraction of the inputs set to 0 in training.</param>
    /// <param name="recurrentDropout">
    /// The fraction of the state set to 0 in training, before the recurrent kernel.
    /// </param>
    /// <param name="returnSequences">Whether to return the outputs of all time steps rather than the last one.</param>
    /// <param name="returnState">
    /// Whether to return the last states too; only for your own layers, through <see cref="RNN.Run"/>.
    /// </param>
    /// <param name="goBackwards">Whether to read the sequence backward.</param>
    /// <param name="stateful">
    /// Whether the last states of a batch are the initial states of the next one. Needs a fixed batch size.
    /// </param>
    /// <param name="unroll">Accepted for compatibility with Keras: loops are always unrolled before they run.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inputDim">
    /// The number of values per time step; with <paramref name="inputLength"/>, another way to specify the input shape.
    /// </param>
    /// <param name="inputLength">The number of time steps.</param>
    /// <param name="weights">The initial weights.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="zeroOutputForMask">
    /// Whether masked time steps have outputs of 0; by default, they repeat the previous output.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public SimpleRNN(int units, ActivationFunction? activation = null, bool useBias = true,
        Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null,
        Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null,
        Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null,
        Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, double dropout = 0,
        double recurrentDropout = 0, bool returnSequences = false, bool returnState = false, bool goBackwards = false,
        bool stateful = false, bool unroll = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, int? inputDim = null,
        int? inputLength = null, IReadOnlyList<NDArray>? weights = null,
        int? seed = null, bool zeroOutputForMask = false)
        : this(new CellOptions(units, activation, null, useBias, kernelInitializer, recurrentInitializer,
            biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint,
            recurrentConstraint, biasConstraint, dropout, recurrentDropout, 2, seed),
            new RecurrentOptions(returnSequences, returnState, goBackwards, stateful, unroll, zeroOutputForMask),
            activityRegularizer,
            new LayerOptions(name, trainable, InputOf(inputShape, inputDim, inputLength), batchInputShape, batchSize,
                weights))
    {
    }

    internal SimpleRNN(CellOptions cell, RecurrentOptions recurrent, Regularizer? activityRegularizer,
        LayerOptions options)
        : base(new SimpleRNNCell(cell, default), recurrent, activityRegularizer, options)
    {
    }
}
