using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The long short-term memory with cuDNN's weights: two biases, for the input and for the state, share one vector
/// (8·units) (Keras <c>keras.layers.CuDNNLSTM</c>). It runs on every device and does not support masking.
/// </summary>
public class CuDNNLSTM : CuDNNRNN
{
    /// <summary>Creates the layer.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
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
    /// <param name="returnState">
    /// Whether to return the last states too; only for your own layers, through <see cref="RNN.Run"/>.
    /// </param>
    /// <param name="stateful">
    /// Whether the last states of a batch are the initial states of the next one. Needs a fixed batch size.
    /// </param>
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
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public CuDNNLSTM(int units, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null,
        Initializer? biasInitializer = null, bool unitForgetBias = true, Regularizer? kernelRegularizer = null,
        Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null,
        Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, bool returnSequences = false,
        bool returnState = false, bool stateful = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, int? inputDim = null,
        int? inputLength = null, IReadOnlyList<NDArray>? weights = null)
        : this(new CellOptions(units, null, null, true, kernelInitializer, recurrentInitializer, biasInitializer,
            kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint, recurrentConstraint,
            biasConstraint, 0, 0, 2), unitForgetBias,
            new RecurrentOptions(returnSequences, returnState, false, stateful, false), activityRegularizer,
            new LayerOptions(name, trainable, InputOf(inputShape, inputDim, inputLength), batchInputShape, batchSize,
                weights))
    {
    }

    internal CuDNNLSTM(CellOptions cell, bool unitForgetBias, RecurrentOptions recurrent,
        Regularizer? activityRegularizer, LayerOptions options)
        : base(new LSTMCell(cell, unitForgetBias, default, twoBiases: true), recurrent, activityRegularizer, options)
    {
    }
}
