using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The long short-term memory: input, forget and output gates i, f, o; memory c = f∘c₋₁ + i∘activation(…), output h =
/// o∘activation(c); the gates are in the order i, f, c, o (Hochreiter and Schmidhuber 1997; Keras
/// <c>keras.layers.LSTMCell</c>).
/// </summary>
public class LSTMCell : StandardCell
{
    readonly bool _unitForgetBias, _twoBiases;

    /// <summary>Creates the cell.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
    /// <param name="activation">The activation function of the new values; <c>tanh</c> by default.</param>
    /// <param name="recurrentActivation">The activation function of the gates; <c>sigmoid</c> by default.</param>
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
    /// <param name="implementation">
    /// 2 for one product for all gates; 1 to drop different values for each gate. Without dropout, both are the same.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public LSTMCell(int units, ActivationFunction? activation = null, ActivationFunction? recurrentActivation = null,
        bool useBias = true, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null,
        Initializer? biasInitializer = null, bool unitForgetBias = true, Regularizer? kernelRegularizer = null,
        Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null,
        double dropout = 0, double recurrentDropout = 0, int implementation = 2, string? name = null,
        bool trainable = true, int? seed = null)
        : this(new CellOptions(units, activation, recurrentActivation, useBias, kernelInitializer, recurrentInitializer,
            biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint,
            recurrentConstraint, biasConstraint, dropout, recurrentDropout, implementation, seed), unitForgetBias,
            new LayerOptions(name, trainable))
    {
    }

    /// <param name="options">The settings.</param>
    /// <param name="unitForgetBias">Whether the forget gate's bias starts at 1.</param>
    /// <param name="layer">The arguments that every layer takes.</param>
    /// <param name="twoBiases">As in cuDNN: one bias for x·kernel, and another for state·recurrent kernel.</param>
    internal LSTMCell(CellOptions options, bool unitForgetBias, LayerOptions layer, bool twoBiases = false)
        : base(4, options, layer) =>
        (_unitForgetBias, _twoBiases) = (unitForgetBias, twoBiases);

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Units, Units];

    internal override Prepared Prepare(Tensor x) => new(Project(x), [RecurrentKernel]);

    internal override WholeSequence? Whole(Prepared prepared, IReadOnlyList<Tensor> states, Tensor? mask) =>
        Whole(CellKind.LSTM, prepared.Sequence, states, null, mask);

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        Tensor gates = x + Recur(states[0], shared[0], 4);
        Tensor i = RecurrentActivation.Call(Gate(gates, 0)), f = RecurrentActivation.Call(Gate(gates, 1)),
            o = RecurrentActivation.Call(Gate(gates, 3));
        Tensor c = f * states[1] + i * Activation.Call(Gate(gates, 2));
        Tensor h = o * Activation.Call(c);
        return new(h, [h, c]);
    }

    private protected override int[] BiasShape => [(_twoBiases ? 8 : 4) * Units];

    private protected override Tensor? InputBias =>
        _twoBiases && Bias is not null ? K.Slice(Bias, 0, 0, 4 * Units) + K.Slice(Bias, 0, 4 * Units, 4 * Units) : Bias;

    private protected override Initializer BiasStart =>
        _unitForgetBias ? new ForgetBias(BiasInitializer, Units, gate: _twoBiases ? 5 : 1) : BiasInitializer;

    private protected override void WriteOwnSettings(JsonObject config) => config["unit_forget_bias"] = _unitForgetBias;
}
