using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.Backend.Numbers;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Rnn, MapFn, Foldl and Foldr: values, gradients, masks, and what they read from outside.</summary>
[TestClass]
public sealed class LoopFunctionTests
{
    static readonly NDArray s_steps = new(new float[] { 1, 2, 3, 10, 20, 30 }, 2, 3, 1);

    [TestMethod]
    public void A_loop_returns_the_last_output_all_outputs_and_the_last_states()
    {
        (Tensor last, Tensor all, IReadOnlyList<Tensor> states) =
            K.Rnn(Sums, K.Constant(s_steps), [K.Constant(new float[,] { { 0 }, { 100 } })]);
        AreEqual(last, [2, 1], 12, 320);
        AreEqual(all, [2, 3, 1], 2, 6, 12, 220, 260, 320);
        AreEqual(states[0], [2, 1], 6, 160);
        (_, all, _) = K.Rnn(Sums, K.Constant(s_steps), [K.Zeros(2, 1)], goBackwards: true, unroll: true,
            inputLength: 3);
        AreEqual(all, [2, 3, 1], 6, 10, 12, 60, 100, 120);

        static (Tensor, IReadOnlyList<Tensor>) Sums(Tensor x, IReadOnlyList<Tensor> states) =>
            (2 * (states[0] + x), [states[0] + x]);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_masked_step_repeats_the_output_and_keeps_the_states(bool wide)
    {
        var mask = new NDArray([1, 0, 1, 0, 1, 0], wide ? [2, 3, 1] : [2, 3]);
        (Tensor last, Tensor all, IReadOnlyList<Tensor> states) =
            K.Rnn((x, s) => (10 * x, [s[0] + x]), K.Constant(s_steps), [K.Ones(2, 1)], mask: K.Constant(mask));
        AreEqual(all, [2, 3, 1], 10, 10, 30, 0, 200, 200);
        AreEqual(last, [2, 1], 30, 200);
        AreEqual(states[0], [2, 1], 5, 21);
    }

    [TestMethod]
    public void Constants_follow_the_states_and_tensors_from_outside_are_read()
    {
        Tensor x = K.Placeholder(null, null, 1), factor = K.Placeholder(null, 1);
        Tensor square = K.Square(factor);
        (Tensor last, _, _) =
            K.Rnn((step, s) => (s[0] * s[1] + step * square, [s[0] * s[1] + step * square]), x,
            [K.ZerosLike(factor)], constants: [factor]);
        using Function function = K.Function([x, factor], [last]);
        // ((1·4)·2 + 2·4)·2 + 3·4 and the same for tens with 1.
        AreEqual(function.Run(s_steps, new float[,] { { 2 }, { 1 } })[0], [2, 1], 44, 60);
        AreEqual(function.Run(new NDArray([5, 6], 1, 2, 1), new float[,] { { 3 } })[0], [1, 1], 189);
    }

    [TestMethod]
    public void Gradients_pass_through_loops_to_inputs_states_constants_and_what_is_read_from_outside()
    {
        CheckGradients(t =>
        {
            Tensor outside = K.Tanh(t[3]);
            (Tensor last, Tensor all, IReadOnlyList<Tensor> states) = K.Rnn((x, s) =>
            {
                Tensor next = K.Tanh(K.Dot(x, outside) + s[0] * s[1]);
                return (next * x, [next]);
            }, t[0], [t[1]], mask: K.Constant(new float[,] { { 1, 1, 0 }, { 0, 1, 1 } }), constants: [t[2]]);
            return K.Sum(all, axis: 1) + last * states[0];
        }, [Random(1, 2, 3, 2), Random(2, 2, 2), Random(3, 2, 2), Random(4, 2, 2)]);
    }

    [TestMethod]
    public void A_loop_matches_the_equivalent_layer()
    {
        K.SetRandomSeed(4);
        using var model = new Sequential([new SimpleRNN(3, inputShape: [4, 2], returnSequences: true)]);
        NDArray[] w = [.. model.GetWeights()];
        NDArray x = Random(7, 2, 4, 2);
        Tensor all = K.Rnn((step, s) =>
        {
            Tensor h = K.Tanh(K.Dot(step, K.Constant(w[0])) + K.Dot(s[0], K.Constant(w[1])) + K.Constant(w[2]));
            return (h, [h]);
        }, K.Constant(x), [K.Zeros(2, 3)]).Outputs;
        AreEqual(all, [2, 4, 3], [.. model.Predict(x).ToArray().Select(v => (double)v)]);
    }

    [TestMethod]
    public void A_loop_in_a_layer_trains_and_exports()
    {
        K.SetRandomSeed(1);
        using var model = new Sequential([
            new Lambda(x => K.Rnn(
                (step, s) => (s[0] * 0.5 + step, [s[0] * 0.5 + step]), x,
                [K.ZerosLike(K.Sum(x, axis: 1))]).LastOutput, inputShape: [null, 2]),
            new Dense(1),
        ]);
        model.Compile("adam", "mse");
        NDArray x = Random(1, 8, 5, 2), y = Random(2, 8, 1);
        double before = model.Evaluate(x, y, verbose: 0)["loss"];
        model.Fit(x, y, epochs: 30, verbose: 0);
        Assert.IsLessThan(before, model.Evaluate(x, y, verbose: 0)["loss"]);
    }

    [TestMethod]
    public void A_mapped_function_accepts_a_free_batch()
    {
        Tensor x = K.Placeholder(null, 2), other = K.Placeholder(2);
        using Function function =
            K.Function([x, other],
            [K.MapFn(row => K.Sum(row * other), x), K.MapFn(row => row, x), K.MapFn(_ => other, x)]);
        NDArray[] y = function.Run(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, new float[] { 10, 1 });
        AreEqual(y[0], [3], 12, 34, 56);
        AreEqual(y[1], [3, 2], 1, 2, 3, 4, 5, 6);
        AreEqual(y[2], [3, 2], 10, 1, 10, 1, 10, 1);
        CheckGradients(t => K.MapFn(row => K.Tanh(K.Dot(K.ExpandDims(row, 0), t[1])), t[0]),
            [Random(1, 3, 2), Random(2, 2, 4)]);
        Assert.ThrowsExactly<ArgumentException>(() => K.MapFn(v => v, 3));
    }

    [TestMethod]
    public void Folds_start_with_a_value_or_the_first_element_from_either_side()
    {
        Tensor x = K.Constant(new float[] { 1, 2, 3 });
        AreEqual(K.Foldl((sum, v) => 10 * sum + v, x), [], 123);
        AreEqual(K.Foldr((sum, v) => 10 * sum + v, x), [], 321);
        AreEqual(K.Foldl((sum, v) => 10 * sum + v, x, 7), [], 7123);
        AreEqual(K.Foldr((sum, v) => 10 * sum + v, x, 7), [], 7321);
        AreEqual(K.Foldl((sum, v) => sum + v, K.Ones(1, 2)), [2], 1, 1);
        Tensor batch = K.Placeholder(null, 2);
        using Function function = K.Function([batch], [K.Foldl((sum, row) => sum * 2 + row, batch, K.Zeros(2))]);
        AreEqual(function.Run(new float[,] { { 1, 2 }, { 3, 4 } })[0], [2], 5, 8);
        Assert.ThrowsExactly<ArgumentException>(() => K.Foldl((sum, row) => sum + row, batch));
        Assert.ThrowsExactly<ArgumentException>(() => K.Foldl((sum, v) => K.Stack([sum, v]), x, 1));
        CheckGradients(t => K.Foldr((sum, row) => K.Tanh(sum * t[1] + row), t[0]), [Random(1, 4, 3), Random(2, 3)]);
    }

    [TestMethod]
    public void Loops_reject_states_and_masks_that_do_not_fit()
    {
        Tensor x = K.Constant(s_steps);
        Assert.ThrowsExactly<ArgumentException>(() => K.Rnn((v, s) => (v, []), x, [K.Zeros(2, 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => K.Rnn((v, s) => (v, [K.Sum(s[0], axis: 1)]), x, [K.Zeros(2, 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => K.Rnn((v, s) => (v, s), x, [K.Zeros(2, 1)], mask: K.Ones(2, 4)));
        Assert.ThrowsExactly<ArgumentException>(() => K.Rnn((v, s) => (v, s), x, [K.Zeros(2, 1)], inputLength: 4));
        Assert.ThrowsExactly<ArgumentException>(() => K.Rnn((v, s) => (v, s), K.Zeros(3), [K.Zeros(2, 1)]));
    }
}
