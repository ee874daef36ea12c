using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The gated recurrent unit with the weights of cuDNN: the reset gate behind the recurrent product, two biases in one vector (6·units) (Keras <c>keras.layers.CuDNNGRU</c>). It runs on every device, and takes no masks.</summary>
public class CuDNNGRU : CuDNNRNN
{
    /// <summary>Makes the layer.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
    /// <param name="kernelInitializer">The first values of the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="recurrentInitializer">The first values of the recurrent kernel; <c>orthogonal</c> by default.</param>
    /// <param name="biasInitializer">The first values of the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">A penalty on the kernel.</param>
    /// <param name="recurrentRegularizer">A penalty on the recurrent kernel.</param>
    /// <param name="biasRegularizer">A penalty on the bias.</param>
    /// <param name="activityRegularizer">A penalty on the output.</param>
    /// <param name="kernelConstraint">A rule for the kernel.</param>
    /// <param name="recurrentConstraint">A rule for the recurrent kernel.</param>
    /// <param name="biasConstraint">A rule for the bias.</param>
    /// <param name="returnSequences">Whether the outputs of all steps are given, or the last one.</param>
    /// <param name="returnState">Whether the last states are given besides: only for layers of your own, by <see cref="RNN.Run"/>.</param>
    /// <param name="stateful">Whether the last states of a batch are the first states of the next one. Needs a fixed batch size.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inputDim">The values of a step; with <paramref name="inputLength"/> another way to give the input shape.</param>
    /// <param name="inputLength">The number of steps.</param>
    /// <param name="weights">The first values of the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public CuDNNGRU(int units, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null, Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null, Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, bool returnSequences = false, bool returnState = false, bool stateful = false, string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, int? inputDim = null, int? inputLength = null, IReadOnlyList<NDArray>? weights = null)
        : this(new CellOptions(units, null, null, true, kernelInitializer, recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint, recurrentConstraint, biasConstraint, 0, 0, 2), new RecurrentOptions(returnSequences, returnState, false, stateful, false), activityRegularizer,
            new LayerOptions(name, trainable, InputOf(inputShape, inputDim, inputLength), batchInputShape, batchSize, weights))
    {
    }

    internal CuDNNGRU(CellOptions cell, RecurrentOptions recurrent, Regularizer? activityRegularizer, LayerOptions options)
        : base(new GRUCell(cell, resetAfter: true, default, flatBias: true), recurrent, activityRegularizer, options)
    {
    }
}
