using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The long short-term memory: input, forget and output gates i, f, o, memory c = f∘c₋₁ + i∘activation(…), output h = o∘activation(c); the gates lie in the order i, f, c, o (Hochreiter and Schmidhuber 1997; Keras <c>keras.layers.LSTMCell</c>).</summary>
public class LSTMCell : StandardCell
{
    readonly bool _unitForgetBias, _twoBiases;

    /// <summary>Makes the cell.</summary>
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
    /// <param name="kernelConstraint">A rule for the kernel.</param>
    /// <param name="recurrentConstraint">A rule for the recurrent kernel.</param>
    /// <param name="biasConstraint">A rule for the bias.</param>
    /// <param name="dropout">The share of the inputs that are set to 0 in training.</param>
    /// <param name="recurrentDropout">The share of the state that is set to 0 in training where it meets the recurrent kernel.</param>
    /// <param name="implementation">2 for one product for all gates; 1 for other dropped values for each gate. Without dropout both are the same.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public LSTMCell(int units, ActivationFunction? activation = null, ActivationFunction? recurrentActivation = null, bool useBias = true, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null, Initializer? biasInitializer = null, bool unitForgetBias = true, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null, Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, double dropout = 0, double recurrentDropout = 0, int implementation = 2, string? name = null, bool trainable = true)
        : this(new CellOptions(units, activation, recurrentActivation, useBias, kernelInitializer, recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint, recurrentConstraint, biasConstraint, dropout, recurrentDropout, implementation), unitForgetBias, new LayerOptions(name, trainable))
    {
    }

    /// <param name="options">The settings.</param>
    /// <param name="unitForgetBias">Whether the forget gate's bias begins at 1.</param>
    /// <param name="layer">What every layer takes.</param>
    /// <param name="twoBiases">As cuDNN: a bias for x·kernel, and one for state·recurrent kernel behind it.</param>
    internal LSTMCell(CellOptions options, bool unitForgetBias, LayerOptions layer, bool twoBiases = false) : base(4, options, layer) =>
        (_unitForgetBias, _twoBiases) = (unitForgetBias, twoBiases);

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Units, Units];

    internal override Prepared Prepare(Tensor x) => new(Project(x), [RecurrentKernel]);

    internal override WholeSequence? Whole(Prepared prepared, IReadOnlyList<Tensor> states, Tensor? mask) => Whole(CellKind.LSTM, prepared.Sequence, states, null, mask);

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        Tensor gates = x + Recur(states[0], shared[0], 4);
        Tensor i = RecurrentActivation.Call(Gate(gates, 0)), f = RecurrentActivation.Call(Gate(gates, 1)), o = RecurrentActivation.Call(Gate(gates, 3));
        Tensor c = f * states[1] + i * Activation.Call(Gate(gates, 2));
        Tensor h = o * Activation.Call(c);
        return new(h, [h, c]);
    }

    private protected override int[] BiasShape => [(_twoBiases ? 8 : 4) * Units];

    private protected override Tensor? InputBias => _twoBiases && Bias is not null ? K.Slice(Bias, 0, 0, 4 * Units) + K.Slice(Bias, 0, 4 * Units, 4 * Units) : Bias;

    private protected override Initializer BiasStart => _unitForgetBias ? new ForgetBias(BiasInitializer, Units, gate: _twoBiases ? 5 : 1) : BiasInitializer;

    private protected override void WriteOwnSettings(JsonObject config) => config["unit_forget_bias"] = _unitForgetBias;
}
