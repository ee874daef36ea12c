using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Sizes that exercise the blocked, packed and parallel paths of the kernels.</summary>
[TestClass]
public sealed class KernelTests
{
    [TestMethod]
    [DataRow(130, 257, 67)]
    [DataRow(97, 700, 33)]
    [DataRow(300, 64, 300)]
    [DataRow(1, 400, 500)]
    [DataRow(1, 37, 5)]
    [DataRow(1, 3001, 131)]
    [DataRow(500, 300, 1)]
    [DataRow(13, 1, 45)]
    [DataRow(40, 1100, 10)]
    public void Large_products_agree_with_float64(int rows, int depth, int columns)
    {
        foreach (bool ta in new[] { false, true })
        {
            foreach (bool tb in new[] { false, true })
            {
                NDArray a = Values(ta ? [depth, rows] : [rows, depth], 1),
                    b = Values(tb ? [columns, depth] : [depth, columns], 2);
                Tensor pa = K.Placeholder(a.Shape[0], a.Shape[1]), pb = K.Placeholder(b.Shape[0], b.Shape[1]);
                Tensor y = new(new MatMul(ta, tb), pa, pb);
                using Function function = K.Function([pa, pb], [y, K.Relu(y + 1) * 2]);
                NDArray[] results = function.Run(a, b);
                double[] expected = new Ops.Reference(
                    new Dictionary<Tensor, double[]> { [pa] = Exact(a), [pb] = Exact(b) }).Evaluate(y);
                for (int i = 0; i < expected.Length; i++)
                {
                    GoldenCase.AssertClose(results[0].Span[i], expected[i], 1e-5, 1e-4,
                        $"product[{i}], transposed {ta} {tb}");
                    GoldenCase.AssertClose(results[1].Span[i], Math.Max(expected[i] + 1, 0) * 2, 1e-5, 2e-4,
                        $"epilogue[{i}], transposed {ta} {tb}");
                }
            }
        }
    }

    [TestMethod]
    public void A_row_of_a_product_does_not_depend_on_how_many_there_are()
    {
        // Beyond 109 rows both factors are copied.
        const int Most = 160, Depth = 300, Columns = 150;
        NDArray a = Values([Most, Depth], 1), b = Values([Depth, Columns], 2);
        Tensor pa = K.Placeholder(null, Depth), pb = K.Placeholder(Depth, Columns);
        using Function function = K.Function([pa, pb], [new(new MatMul(false, false), pa, pb)]);
        float[] whole = function.Run(a, b)[0].Span.ToArray();
        // Rows are packed in groups on the CPU alone, and an emulated GPU takes a second for each product.
        int step = Device.Default == Device.Cpu ? 1 : 11;
        for (int rows = 1; rows < Most; rows += step)
        {
            ReadOnlySpan<float> part = function.Run(a.Slice(0, rows), b)[0].Span;
            for (int i = 0; i < part.Length; i++)
                Assert.AreEqual(whole[i], part[i], 1e-4f, $"row {i / Columns} of {rows}, column {i % Columns}");
        }
    }

    [TestMethod]
    public void Copies_of_weights_follow_their_changes()
    {
        // Large enough that the kernel is packed into panels for a batch.
        K.SetRandomSeed(1);
        using var model = new Sequential([new Dense(200, inputShape: [150], useBias: false)]);
        model.Compile("sgd", "mse");
        NDArray x = Values([64, 150], 1);
        void Check(string when)
        {
            NDArray y = model.Predict(x, batchSize: 64), kernel = model.Layers[0].GetWeights()[0];
            for (int j = 0; j < 200; j += 7)
                GoldenCase.AssertClose(y[63, j], Enumerable.Range(0, 150).Sum(k => (double)x[63, k] * kernel[k, j]),
                    1e-5, 1e-4, when);
        }
        Check("at first");
        Check("again");
        model.Fit(x, Values([64, 200], 2), verbose: 0);
        Check("after a training");
        model.Layers[0].SetWeights([Values([150, 200], 3)]);
        Check("after other weights");
        model.Predict(x, batchSize: 48);
        model.TrainOnBatch(x, Values([64, 200], 4));
        Check("after a step, with a plan for another batch");
    }

    [TestMethod]
    [DataRow(1, 100_003)]
    [DataRow(70_000, 3)]
    [DataRow(300, 500)]
    public void Large_reductions_agree_with_float64(int rows, int columns)
    {
        NDArray x = Values([rows, columns], 3);
        Tensor p = K.Placeholder(rows, columns);
        using Function function =
            K.Function([p], [K.Sum(K.Square(p)), K.Sum(p, axis: 0), K.Sum(p, axis: 1), K.Max(p), K.Mean(p)]);
        NDArray[] y = function.Run(x);
        double[] exact = Exact(x);
        GoldenCase.AssertClose(y[0].Span[0], exact.Sum(v => v * v), 1e-5, 1e-5, "sum of squares");
        for (int c = 0; c < columns; c += Math.Max(1, columns / 7))
            GoldenCase.AssertClose(y[1].Span[c], Enumerable.Range(0, rows).Sum(r => exact[r * columns + c]), 1e-5, 2e-3,
                $"column {c}");
        for (int r = 0; r < rows; r += Math.Max(1, rows / 7))
            GoldenCase.AssertClose(y[2].Span[r], exact[(r * columns)..((r + 1) * columns)].Sum(), 1e-5, 2e-3,
                $"row {r}");
        Assert.AreEqual((float)exact.Max(), y[3].Span[0]);
        GoldenCase.AssertClose(y[4].Span[0], exact.Average(), 1e-5, 1e-5, "mean");
    }

    [TestMethod]
    public void Large_elementwise_chains_agree_with_float64()
    {
        NDArray x = Values([123, 457], 4), row = Values([457], 5), column = Values([123, 1], 6);
        Tensor px = K.Placeholder(123, 457), pr = K.Placeholder(457), pc = K.Placeholder(123, 1);
        using Function function = K.Function([px, pr, pc], [K.Tanh(px * pr + pc) - K.Square(px)]);
        float[] y = function.Run(x, row, column)[0].ToArray();
        for (int i = 0; i < y.Length; i++)
        {
            double v = x.Span[i];
            GoldenCase.AssertClose(y[i], Math.Tanh(v * row.Span[i % 457] + column.Span[i / 457]) - v * v, 1e-5, 1e-5,
                $"[{i}]");
        }
    }

    [TestMethod]
    [DataRow(64, 300, 40)]
    [DataRow(5, 257, 130)]
    public void Large_transpositions_move_every_element(int a, int b, int c)
    {
        NDArray x = Values([a, b, c], 7);
        Tensor p = K.Placeholder(a, b, c);
        foreach (int[] axes in new int[][] { [1, 0, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0] })
        {
            using Function function = K.Function([p], [K.PermuteDimensions(p, axes)]);
            NDArray y = function.Run(x)[0];
            int[] index = new int[3];
            for (index[0] = 0; index[0] < a; index[0] += 3)
                for (index[1] = 0; index[1] < b; index[1]++)
                    for (index[2] = 0; index[2] < c; index[2]++)
                        Assert.AreEqual(x[index], y[index[axes[0]], index[axes[1]], index[axes[2]]]);
        }
    }

    [TestMethod]
    public void Random_numbers_have_their_distributions_and_change_with_each_run()
    {
        Tensor shape = K.Placeholder(null, 100);
        using Function function = K.Function(
            [shape], [K.RandomUniform(shape, -1, 3, seed: 1), K.RandomNormal(shape, 2, 0.5, seed: 2),
                K.Dropout(K.OnesLike(shape), 0.3, seed: 3)]);
        NDArray x = new(1000, 100);
        NDArray[] first = function.Run(x), second = function.Run(x);
        double[] uniform = Exact(first[0]), normal = Exact(first[1]), kept = Exact(first[2]);
        Assert.AreEqual(1.0, uniform.Average(), 0.02);
        Assert.IsTrue(uniform.Min() >= -1 && uniform.Max() < 3);
        Assert.AreEqual(16.0 / 12, uniform.Average(v => (v - 1) * (v - 1)), 0.02);
        Assert.AreEqual(2.0, normal.Average(), 0.01);
        Assert.AreEqual(0.25, normal.Average(v => (v - 2) * (v - 2)), 0.01);
        Assert.AreEqual(0.7, kept.Count(v => v > 0) / (double)kept.Length, 0.01);
        Assert.IsTrue(kept.All(v => v == 0 || Math.Abs(v - 1 / 0.7) < 1e-6));
        CollectionAssert.AreNotEqual(first[0].ToArray(), second[0].ToArray());
        CollectionAssert.AreNotEqual(first[2].ToArray(), second[2].ToArray());
    }

    static double[] Exact(NDArray array) => [.. array.ToArray().Select(v => (double)v)];

    static NDArray Values(int[] shape, int seed)
    {
        var random = new Random(seed);
        var result = new NDArray(shape);
        foreach (ref float v in result.Span) v = random.NextSingle() * 2 - 1;
        return result;
    }
}
