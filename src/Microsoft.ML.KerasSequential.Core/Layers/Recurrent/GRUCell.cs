using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The gated recurrent unit: update gate z, reset gate r, h = z∘h₋₁ + (1 − z)∘activation(x·W + (r∘h₋₁)·U + b); the
/// gates are in the order z, r, h (Cho et al. 2014; Keras <c>keras.layers.GRUCell</c>).
/// </summary>
public class GRUCell : StandardCell
{
    readonly bool _resetAfter, _flatBias;

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
    /// <param name="resetAfter">
    /// Whether the reset gate is applied after the recurrent product (as in cuDNN) or before it.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public GRUCell(int units, ActivationFunction? activation = null, ActivationFunction? recurrentActivation = null,
        bool useBias = true, Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null,
        Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null,
        Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null,
        double dropout = 0, double recurrentDropout = 0, int implementation = 2, bool resetAfter = false,
        string? name = null, bool trainable = true, int? seed = null)
        : this(new CellOptions(units, activation, recurrentActivation, useBias, kernelInitializer, recurrentInitializer,
            biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint,
            recurrentConstraint, biasConstraint, dropout, recurrentDropout, implementation, seed), resetAfter,
            new LayerOptions(name, trainable))
    {
    }

    /// <param name="options">The settings.</param>
    /// <param name="resetAfter">Whether the reset gate is applied after the recurrent product.</param>
    /// <param name="layer">The arguments that every layer takes.</param>
    /// <param name="flatBias">As in cuDNN: both biases in one vector.</param>
    internal GRUCell(CellOptions options, bool resetAfter, LayerOptions layer, bool flatBias = false)
        : base(3, options, layer) =>
        (_resetAfter, _flatBias) = (resetAfter, flatBias);

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Units];

    internal override Prepared Prepare(Tensor x) => new(Project(x), _resetAfter
        ? [RecurrentKernel, .. Bias is null ? Array.Empty<Tensor>() : [Row(Bias, 1)]]
        : [K.Slice(RecurrentKernel, 1, 0, 2 * Units), K.Slice(RecurrentKernel, 1, 2 * Units, Units)]);

    internal override WholeSequence? Whole(Prepared prepared, IReadOnlyList<Tensor> states, Tensor? mask)
    {
        if (!_resetAfter) return Whole(CellKind.GRU, prepared.Sequence, states, null, mask);
        // The recurrent biases of the gates z and r can be added beforehand; the candidate's is inside the reset gate.
        Tensor? recurrent = prepared.Shared.Count > 1 ? prepared.Shared[1] : null;
        Tensor bias = recurrent is null ? K.Constant(new NDArray(Units)) : K.Slice(recurrent, 0, 2 * Units, Units);
        Tensor projected = recurrent is null ? prepared.Sequence
            : K.BiasAdd(prepared.Sequence,
                K.Concatenate([K.Slice(recurrent, 0, 0, 2 * Units), K.Constant(new NDArray(Units))]));
        return Whole(CellKind.ResetAfterGRU, projected, states, bias, mask);
    }

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        // One mask for all gates, also where the reset gate comes in between; or one per gate.
        Tensor before = states[0], dropped = DropsStateByGate ? before : DroppedState(before);
        Tensor Product(Tensor state, int kernel, int gates) => DropsStateByGate ? Recur(state, shared[kernel], gates)
            : K.Dot(state, shared[kernel]);
        Tensor recurrent = Product(dropped, 0, _resetAfter ? 3 : 2);
        if (_resetAfter && shared.Count > 1) recurrent = K.BiasAdd(recurrent, shared[1]);
        Tensor z = RecurrentActivation.Call(Gate(x, 0) + Gate(recurrent, 0)),
            r = RecurrentActivation.Call(Gate(x, 1) + Gate(recurrent, 1));
        Tensor candidate =
            Activation.Call(Gate(x, 2) + (_resetAfter ? r * Gate(recurrent, 2) : Product(r * dropped, 1, 1)));
        Tensor h = z * before + (1 - z) * candidate;
        return new(h, [h]);
    }

    private protected override int[] BiasShape => _flatBias ? [6 * Units] : _resetAfter ? [2, 3 * Units] : [3 * Units];

    private protected override Tensor? InputBias => _resetAfter && Bias is not null ? Row(Bias, 0) : Bias;

    private protected override void WriteOwnSettings(JsonObject config) => config["reset_after"] = _resetAfter;

    Tensor Row(Tensor bias, int row) => K.Slice(K.Flatten(bias), 0, row * 3 * Units, 3 * Units);
}
