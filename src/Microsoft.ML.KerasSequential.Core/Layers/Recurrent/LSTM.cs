using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>A <see cref="LSTMCell"/> over the steps of a sequence, (batch, steps, values) (Keras <c>keras.layers.LSTM</c>).</summary>
public class LSTM : StandardRNN
{
    /// <summary>Makes the layer.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
    /// <param name="activation">A function of the new values; <c>tanh</c> by default.</param>
    /// <param name="recurrentActivation">A function of the gates; <c>sigmoid</c> by default.</param>
    /// <param name="useBias">Whether a vector is added.</param>
    /// <param name="kernelInitializer">The first values of the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="recurrentInitializer">The first values of the recurrent kernel; <c>orthogonal</c> by default.</param>
    /// <param name="biasInitializer">The first values of the bias; <c>zeros</c> by default.</param>
    /// <param name="unitForgetBias">Whether the forget gate's bias begins at 1 (Jozefowicz et al. 2015).</param>
    /// <param name="kernelRegularizer">A penalty on the kernel.</param>
    /// <param name="recurrentRegularizer">A penalty on the recurrent kernel.</param>
    /// <param name="biasRegularizer">A penalty on the bias.</param>
    /// <param name="activityRegularizer">A penalty on the output.</param>
    /// <param name="kernelConstraint">A rule for the kernel.</param>
    /// <param name="recurrentConstraint">A rule for the recurrent kernel.</param>
    /// <param name="biasConstraint">A rule for the bias.</param>
    /// <param name="dropout">The share of the inputs that are set to 0 in training.</param>
    /// <param name="recurrentDropout">The share of the state that is set to 0 in training where it meets the recurrent kernel.</param>
    /// <param name="implementation">2 for one product for all gates; 1 for other dropped values for each gate. Without dropout both are the same.</param>
    /// <param name="returnSequences">Whether the outputs of all steps are given, or the last one.</param>
    /// <param name="returnState">Whether the last states are given besides: only for layers of your own, by <see cref="RNN.Run"/>.</param>
    /// <param name="goBackwards">Whether the sequence is read from its end.</param>
    /// <param name="stateful">Whether the last states of a batch are the first states of the next one. Needs a fixed batch size.</param>
    /// <param name="unroll">Accepted for Keras' sake: loops are always laid out flat before they run.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inputDim">The values of a step; with <paramref name="inputLength"/> another way to give the input shape.</param>
    /// <param name="inputLength">The number of steps.</param>
    /// <param name="weights">The first values of the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public LSTM(int units, ActivationFunction? activation = null, ActivationFunction? recurrentActivation = null, bool useBias = true, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null, Initializer? biasInitializer = null, bool unitForgetBias = true, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null, Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, double dropout = 0, double recurrentDropout = 0, int implementation = 2, bool returnSequences = false, bool returnState = false, bool goBackwards = false, bool stateful = false, bool unroll = false, string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, int? inputDim = null, int? inputLength = null, IReadOnlyList<NDArray>? weights = null)
        : this(new CellOptions(units, activation, recurrentActivation, useBias, kernelInitializer, recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint, recurrentConstraint, biasConstraint, dropout, recurrentDropout, implementation), unitForgetBias, new RecurrentOptions(returnSequences, returnState, goBackwards, stateful, unroll), activityRegularizer,
            new LayerOptions(name, trainable, InputOf(inputShape, inputDim, inputLength), batchInputShape, batchSize, weights))
    {
    }

    internal LSTM(CellOptions cell, bool unitForgetBias, RecurrentOptions recurrent, Regularizer? activityRegularizer, LayerOptions options)
        : base(new LSTMCell(cell, unitForgetBias, default), recurrent, activityRegularizer, options)
    {
    }
}
