using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// One value or another, and values on their way.
public static partial class K
{
    /// <summary>The same value (Keras <c>K.identity</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Identity(Tensor x) => Unary(ElementwiseKind.Identity, x);

    /// <summary>
    /// One tensor where a condition is not 0, another where it is (Keras <c>K.switch</c>). A condition of fewer
    /// dimensions holds for whole rows: its dimensions are the first ones of the others. Both
    /// are computed.
    /// </summary>
    /// <param name="condition">The condition, of as many dimensions as the others or fewer.</param>
    /// <param name="thenExpression">Values where it is not 0.</param>
    /// <param name="elseExpression">Values where it is 0.</param>
    /// <returns>A tensor of the shape of the two.</returns>
    /// <exception cref="ArgumentException">The condition has more dimensions, or the shapes do not fit.</exception>
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

    /// <summary>One tensor in training, another otherwise, for a phase that is given (Keras
    /// <c>K.in_train_phase</c>).</summary>
    /// <param name="x">In training.</param>
    /// <param name="alt">Otherwise.</param>
    /// <param name="training">Whether it is training; null for <see cref="LearningPhase"/>.</param>
    /// <returns>One of the two.</returns>
    public static Tensor InTrainPhase(Tensor x, Tensor alt, bool? training) => training ?? LearningPhase() ? x : alt;

    /// <summary>One tensor outside training, another in it (Keras <c>K.in_test_phase</c>).</summary>
    /// <param name="x">Outside training.</param>
    /// <param name="alt">In training.</param>
    /// <param name="training">Whether it is training; null for <see cref="LearningPhase"/>.</param>
    /// <returns>One of the two.</returns>
    public static Tensor InTestPhase(Tensor x, Tensor alt, bool? training = null) => InTrainPhase(alt, x, training);

    /// <summary>The same value, which is written to the console whenever it is computed (Keras <c>K.print_tensor</c>).
    /// Use the result: what nothing depends on is not computed.</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="message">What is written before the values.</param>
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
