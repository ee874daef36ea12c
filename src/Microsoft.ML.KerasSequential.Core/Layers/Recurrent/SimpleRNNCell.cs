using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The fully recurrent cell: h = activation(x·kernel + h₋₁·recurrent kernel + bias) (Elman 1990; Keras
/// <c>keras.layers.SimpleRNNCell</c>).
/// </summary>
public class SimpleRNNCell : StandardCell
{
    /// <summary>Creates the cell.</summary>
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
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="recurrentConstraint">The constraint on the recurrent kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="dropout">The fraction of the inputs set to 0 in training.</param>
    /// <param name="recurrentDropout">
    /// The fraction of the state set to 0 in training, before the recurrent kernel.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public SimpleRNNCell(int units, ActivationFunction? activation = null, bool useBias = true,
        Initializer? kernelInitializer = null, Initializer? recurrentInitializer = null,
        Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null,
        Regularizer? recurrentRegularizer = null, Regularizer? biasRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? recurrentConstraint = null, Constraint? biasConstraint = null,
        double dropout = 0, double recurrentDropout = 0, string? name = null, bool trainable = true, int? seed = null)
        : this(new CellOptions(units, activation, null, useBias, kernelInitializer, recurrentInitializer,
            biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer, kernelConstraint,
            recurrentConstraint, biasConstraint, dropout, recurrentDropout, 2, seed), new LayerOptions(name, trainable))
    {
    }

    internal SimpleRNNCell(CellOptions options, LayerOptions layer) : base(1, options, layer)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Units];

    internal override Prepared Prepare(Tensor x) => new(Project(x), [RecurrentKernel]);

    internal override WholeSequence? Whole(Prepared prepared, IReadOnlyList<Tensor> states, Tensor? mask) =>
        Whole(CellKind.SimpleRNN, prepared.Sequence, states, null, mask);

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        Tensor h = Activation.Call(x + Recur(states[0], shared[0], 1));
        return new(h, [h]);
    }
}
