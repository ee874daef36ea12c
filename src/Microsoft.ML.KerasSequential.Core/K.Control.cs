using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Conditions, and operations that pass values through.
public static partial class K
{
    /// <summary>The same value (Keras <c>K.identity</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Identity(Tensor x) => Unary(ElementwiseKind.Identity, x);

    /// <summary>
    /// Selects from one tensor where a condition is not 0, and from another where it is (Keras <c>K.switch</c>). A
    /// condition with fewer dimensions applies to whole rows: its dimensions are the leading ones of the values. Both
    /// tensors are computed.
    /// </summary>
    /// <param name="condition">The condition, with at most as many dimensions as the values.</param>
    /// <param name="thenExpression">Values where it is not 0.</param>
    /// <param name="elseExpression">Values where it is 0.</param>
    /// <returns>A tensor with the shape of the values.</returns>
    /// <exception cref="ArgumentException">The condition has more dimensions, or the shapes do not match.</exception>
    public static Tensor Switch(Tensor condition, Tensor thenExpression, Tensor elseExpression)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(thenExpression);
        ArgumentNullException.ThrowIfNull(elseExpression);
        int rank = Math.Max(thenExpression.Rank, elseExpression.Rank);
        if (condition.Rank > rank)
            throw new ArgumentException(
                $"Switch: a condition of shape {condition.Shape} has more dimensions than the values of shape " +
                $"{thenExpression.Shape}.", nameof(condition));
        Tensor wide = condition.Rank is 0 || condition.Rank == rank ? condition
            : new(new Reshape(new([.. condition.Dims, .. Enumerable.Repeat((Dim)1, rank - condition.Rank)])),
                condition);
        return Where(wide, thenExpression, elseExpression);
    }

    /// <summary>Selects one tensor in training and another otherwise, for a given phase (Keras
    /// <c>K.in_train_phase</c>).</summary>
    /// <param name="x">The tensor in training.</param>
    /// <param name="alt">The tensor otherwise.</param>
    /// <param name="training">Whether the phase is training; null for <see cref="LearningPhase"/>.</param>
    /// <returns>One of the two.</returns>
    public static Tensor InTrainPhase(Tensor x, Tensor alt, bool? training) => training ?? LearningPhase() ? x : alt;

    /// <summary>Selects one tensor outside training and another in training (Keras <c>K.in_test_phase</c>).</summary>
    /// <param name="x">The tensor outside training.</param>
    /// <param name="alt">The tensor in training.</param>
    /// <param name="training">Whether the phase is training; null for <see cref="LearningPhase"/>.</param>
    /// <returns>One of the two.</returns>
    public static Tensor InTestPhase(Tensor x, Tensor alt, bool? training = null) => InTrainPhase(alt, x, training);

    /// <summary>Returns the same value, which is printed to the console whenever it is computed (Keras
    /// <c>K.print_tensor</c>). Use the result; otherwise it is never computed.</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="message">The text to print before the values.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor PrintTensor(Tensor x, string message = "")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(message);
        var print = new CustomOp("PrintTensor",
            a =>
            {
                a.Input(0).CopyTo(a.Output);
                var values = new NDArray(a.Output.ToArray(), a.OutputShape.ToArray());
                Console.WriteLine(message.Length > 0 ? $"{message} {values}" : $"{values}");
            },
            a => a.OutputGradient.CopyTo(a.Gradient),
            onnx: (nodes, inputs) => nodes.Node("Identity", inputs));
        return print.Call(x);
    }
}
