using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests.Ops;

/// <summary>Expressions as native programs run them: the same results as compiled loops, bit for bit.</summary>
[TestClass]
public sealed class InterpreterTests
{
    [TestCleanup]
    public void Compile_again() => Interpreter.IsForced = false;

    [TestMethod]
    [DynamicData(nameof(Indices))]
    public void Interpreted_operations_and_their_gradients_match_compiled_ones_bit_for_bit(int index, string op)
    {
        OpCase c = OpTable.Cases[index];
        OpTests.ForRandomShapes(4, [0, 1, 2, 3, 8, 17, 33], (m, n, seed) =>
        {
            var random = new Random(seed);
            int[][] shapes = c.Shapes(m, n);
            NDArray[] values = [.. shapes.Select(s => new NDArray(s))];
            for (int i = 0; i < values.Length; i++)
                foreach (ref float v in values[i].Span) v = (float)c.Value(i, random);
            SameBits(op, () =>
            {
                Tensor[] inputs = [.. shapes.Select(s => K.Placeholder([.. s.Select(d => (int?)d)]))];
                Tensor y = c.Build(inputs);
                int[] wrt = c.Differentiable ?? [.. Enumerable.Range(0, inputs.Length)];
                using Function function = K.Function(
                    inputs, [y, .. K.Gradients(K.Sum(y * y), [.. wrt.Select(i => inputs[i])])]);
                return function.Run(values);
            });
        });
    }

    /// <summary>Shapes with rows longer than a tile, many short rows, and some in between.</summary>
    [TestMethod]
    [DataRow(3, 1, 1030)]
    [DataRow(1030, 2, 3)]
    [DataRow(1, 1, 40_000)]
    [DataRow(5000, 1, 2)]
    [DataRow(70, 17, 9)]
    [DataRow(2, 600, 513)]
    [DataRow(600, 513, 1)]
    public void Interpreted_chains_and_sums_of_many_tiles_match_compiled_ones_bit_for_bit(int a, int b, int c)
    {
        NDArray[] values = [Some(a, b, c), Some(a, 1, 1), Some(a, b, 1), Some(b, c), Some(c), Some(1)];
        SameBits($"({a}, {b}, {c})", () =>
        {
            Tensor x = K.Placeholder(a, b, c), p = K.Placeholder(a, 1, 1), q = K.Placeholder(a, b, 1);
            Tensor r = K.Placeholder(b, c), s = K.Placeholder(c), t = K.Placeholder(1);
            Tensor shared = K.Relu(x + s) * q - 0.5f, other = K.Square(x - r) * p + K.Exp(shared * t) / 3;
            Tensor chain = K.Switch(K.Less(other, shared), shared * other, K.Sqrt(K.Abs(other) + 1) + shared * r);
            List<Tensor> results = [shared, chain, K.Identity(x), q * t];
            foreach (int[] axes in new int[][] { [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2] })
                results.AddRange([
                    K.Sum(chain, axes), K.Max(chain * 2, axes), K.Min(chain - q, axes), K.Prod(1 + chain * 1e-5f, axes),
                    K.Sum(x, axes), K.Max(x * s, axes), K.Sum(q * p + 0 * x, axes),
                ]);
            using Function function = K.Function([x, p, q, r, s, t], results);
            return function.Run(values);
        });
    }

    [TestMethod]
    public void NaN_infinities_and_signed_zeros_match_compiled_ones_bit_for_bit()
    {
        float[] special =
        [
            float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue,
        ];
        NDArray x = special.SelectMany(v => Enumerable.Repeat(v, special.Length)).ToArray();
        NDArray y = Enumerable.Repeat(special, special.Length).SelectMany(v => v).ToArray();
        SameBits("special values", () =>
        {
            Tensor a = K.Placeholder(81), b = K.Placeholder(81);
            using Function function = K.Function([a, b], [
                a + b, K.Relu(a + b), a * b + a, K.Maximum(a, b), K.Minimum(a, b), K.Sigmoid(a + b), K.Tanh(a + b),
                K.Pow(a, b), K.Sign(a), K.Max(a), K.Sum(b), a / b,
            ]);
            return function.Run([x, y]);
        });
    }

    /// <summary>Updates are written directly to variables, whose old values other nodes of a loop read.</summary>
    [TestMethod]
    public void Interpreted_optimizers_produce_the_same_weights()
    {
        Func<Optimizer>[] optimizers =
        [
            () => new SGD(0.1), () => new SGD(0.1, momentum: 0.9), () => new SGD(0.1, momentum: 0.9, nesterov: true),
            () => new SGD(0.1, momentum: 0.9, nesterov: true, clipnorm: 0.5), () => new RMSprop(0.01, clipvalue: 0.1),
            () => new Adagrad(0.1), () => new Adadelta(), () => new Adam(0.01), () => new Adam(0.01, amsgrad: true),
            () => new AdamW(0.01), () => new Adamax(0.01), () => new Nadam(0.01, clipnorm: 0.5), () => new Lion(0.01),
            () => new Ftrl(0.1, l1: 0.01),
        ];
        foreach (Func<Optimizer> optimizer in optimizers)
        {
            SameBits(optimizer().GetType().Name, () =>
            {
                K.SetRandomSeed(1);
                using var model = new Sequential([
                    new Conv2D(5, 3, activation: "relu", inputShape: [6, 6, 2]), new BatchNormalization(),
                    new Dropout(0.2), new Flatten(), new Dense(7, activation: "tanh"),
                        new Dense(3, activation: "softmax"),
                ]);
                model.Compile(optimizer(), "categorical_crossentropy", metrics: ["accuracy", "mae"]);
                NDArray y = K.Eval(K.Softmax(K.Constant(Some(20, 3))));
                model.Fit(Some(20, 6, 6, 2), y, batchSize: 8, epochs: 2, verbose: 0);
                return [.. model.GetWeights(), model.Predict(Some(5, 6, 6, 2))];
            });
        }
    }

    [TestMethod]
    public void The_last_operations_of_common_layers_are_one_pass()
    {
        Tensor x = K.Placeholder(null, 8), bias = K.Placeholder(8), sum = x + bias, y = K.Relu(sum);
        Assert.AreEqual(1, SpanProgramBuilder.Build([sum, y], [x, bias], 2, [y]).Steps);
        // The sum is needed, too: two passes.
        Assert.AreEqual(2, SpanProgramBuilder.Build([sum, y], [x, bias], 2, [sum, y]).Steps);
    }

    [TestMethod]
    public void An_output_that_can_share_memory_with_an_input_is_written_last()
    {
        // If the first output were written to y's memory immediately, the second would read it.
        Tensor x = K.Placeholder(4), y = K.Placeholder(4), first = x * 2, second = K.Exp(first) * y;
        Tensor exp = second.Inputs[0];
        SpanProgram program = SpanProgramBuilder.Build([first, exp, second], [x, y], 2, [first, second]);
        Assert.AreEqual(4, program.Steps, "the three, and a copy at the end");
        Assert.AreEqual(2, SpanProgramBuilder.Build([first, exp], [x], 1, [first, exp]).Steps, "nothing is read then");
    }

    static IEnumerable<object[]> Indices => OpTable.Cases.Select((c, i) => new object[] { i, c.Op });

    static NDArray Some(params int[] shape)
    {
        var random = new Random(shape.Length + shape[0]);
        var values = new NDArray(shape);
        foreach (ref float v in values.Span) v = 2 * random.NextSingle() - 1;
        return values;
    }

    static void SameBits(string what, Func<IReadOnlyList<NDArray>> run)
    {
        Interpreter.IsForced = false;
        IReadOnlyList<NDArray> compiled = run();
        Interpreter.IsForced = true;
        IReadOnlyList<NDArray> interpreted = run();
        Interpreter.IsForced = false;
        Assert.AreEqual(compiled.Count, interpreted.Count);
        for (int r = 0; r < compiled.Count; r++)
        {
            for (int i = 0; i < compiled[r].Size; i++)
            {
                float expected = compiled[r].Span[i], actual = interpreted[r].Span[i];
                Assert.AreEqual(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual),
                    $"{what}: value {i} of result {r} is {actual:g9} instead of {expected:g9}");
            }
        }
    }
}
