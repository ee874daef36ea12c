using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Arrays, shapes, functions, and the initial values of models.</summary>
[TestClass]
public sealed class BackendTests
{
    [TestMethod]
    public void Arrays_convert_from_everything_that_holds_numbers()
    {
        Check(1.5f, [], 1.5f);
        Check(2, [], 2);
        Check(new float[] { 1, 2 }, [2], 1, 2);
        Check(new double[] { 1, 2 }, [2], 1, 2);
        Check(new int[] { 1, 2 }, [2], 1, 2);
        Check(new float[,] { { 1, 2 }, { 3, 4 } }, [2, 2], 1, 2, 3, 4);
        Check(new double[,] { { 1, 2 } }, [1, 2], 1, 2);
        Check(new int[,,] { { { 1 }, { 2 } } }, [1, 2, 1], 1, 2);
        Check(new float[,,,] { { { { 1, 2 } } } }, [1, 1, 1, 2], 1, 2);
        Check(new float[][] { [1, 2], [3, 4] }, [2, 2], 1, 2, 3, 4);
        Check(new int[][] { [1], [3] }, [2, 1], 1, 3);
        Check(Array.Empty<double[]>(), [0, 0]);
        NDArray a = new float[,] { { 1, 2, 3 }, { 4, 5, 6 } };
        Check((NDArray)a.ToTensor(), [2, 3], 1, 2, 3, 4, 5, 6);
        Assert.AreEqual(6f, a[1, 2]);
        a[1, 2] = 7;
        Assert.AreEqual(7f, a.Span[5]);
        Assert.ThrowsExactly<ArgumentException>(() => (NDArray)new float[][] { [1], [2, 3] });
        Assert.ThrowsExactly<ArgumentException>(() => new NDArray([1, 2, 3], 2, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => a[2, 0]);

        static void Check(NDArray array, int[] shape, params float[] values)
        {
            CollectionAssert.AreEqual(shape, array.Shape.ToArray());
            CollectionAssert.AreEqual(values, array.ToArray());
        }
    }

    [TestMethod]
    public void Shapes_compare_and_print_as_in_Keras()
    {
        Shape shape = [null, 28, 28];
        Assert.AreEqual("(None, 28, 28)", shape.ToString());
        Shape single = [5];
        Assert.AreEqual("(5,)", single.ToString());
        Assert.AreEqual(shape, new Shape(null, 28, 28));
        Assert.AreEqual(28, shape[-1]);
    }

    [TestMethod]
    public void Functions_take_free_sizes_and_check_them()
    {
        Tensor x = K.Placeholder(null, null, 3), y = K.Placeholder(null, 3);
        using Function function = K.Function([x, y], [K.Sum(x, axis: 1) + y, K.Mean(x)]);
        foreach ((int batch, int time) in new[] { (2, 5), (7, 1), (2, 9) })
        {
            NDArray[] results = function.Run(Ones(batch, time, 3), Ones(batch, 3));
            CollectionAssert.AreEqual(new[] { batch, 3 }, results[0].Shape.ToArray());
            Assert.IsTrue(results[0].ToArray().All(v => v == time + 1));
            Assert.AreEqual(1f, results[1].Span[0]);
        }
        Assert.ThrowsExactly<ArgumentException>(() => function.Run(Ones(2, 5, 3), Ones(3, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => function.Run(Ones(2, 5, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => K.Function([x * 2], [x]));
        Assert.ThrowsExactly<ArgumentException>(() => K.Function([x], [y]));
    }

    [TestMethod]
    public void A_free_size_can_match_a_known_one_if_it_fits_when_data_arrives()
    {
        Tensor x = K.Placeholder(null, 2);
        Tensor loss = K.Sum(x * K.Constant(new float[,] { { 1, 2 }, { 3, 4 } }));
        using Function function = K.Function([x], K.Gradients(loss, [x]));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, function.Run(Ones(2, 2))[0].ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => function.Run(Ones(3, 2)));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, function.Run(Ones(2, 2))[0].ToArray());
    }

    [TestMethod]
    public void Gradients_of_gradients_are_right()
    {
        Tensor x = K.Placeholder(3);
        Tensor cube = K.Sum(x * x * x);
        Tensor first = K.Gradients(cube, [x])[0];
        using Function function = K.Function([x], [first, K.Gradients(first, [x])[0]]);
        NDArray[] y = function.Run(new float[] { 1, 2, -3 });
        CollectionAssert.AreEqual(new float[] { 3, 12, 27 }, y[0].ToArray());
        CollectionAssert.AreEqual(new float[] { 6, 12, -18 }, y[1].ToArray());
    }

    [TestMethod]
    public void Gradients_are_zero_for_what_a_loss_does_not_depend_on()
    {
        Tensor x = K.Placeholder(2), y = K.Placeholder(2);
        using Function function = K.Function([x, y], K.Gradients(K.Sum(K.StopGradient(x) * 2), [x, y]));
        foreach (NDArray g in function.Run(new float[2], new float[2]))
            CollectionAssert.AreEqual(new float[2], g.ToArray());
    }

    [TestMethod]
    public void Recorded_losses_and_their_gradients_agree()
    {
        int run = 0;
        foreach (System.Text.Json.JsonElement c in GoldenCase.Load("losses.json"))
        {
            string name = c.GetProperty("loss").GetString()!;
            NDArray t = GoldenCase.Array(c.GetProperty("y_true")), p = GoldenCase.Array(c.GetProperty("y_pred"));
            Tensor yTrue = K.Placeholder([.. t.Shape.ToArray().Select(d => (int?)d)]),
                yPred = K.Placeholder([.. p.Shape.ToArray().Select(d => (int?)d)]);
            Tensor loss = ((Losses.Loss)name).Call(yTrue, yPred);
            using Function function = K.Function([yTrue, yPred], [loss, K.Gradients(K.Sum(loss), [yPred])[0]]);
            NDArray[] y = function.Run(t, p);
            GoldenCase.AssertClose(y[0].Span, GoldenCase.Array(c.GetProperty("value")).Span, 1e-4, 1e-5, name);
            GoldenCase.AssertClose(y[1].Span, GoldenCase.Array(c.GetProperty("grad_of_sum_by_y_pred")).Span, 1e-4, 1e-5,
                $"{name}, gradient");
            run++;
        }
        Assert.AreEqual(15, run);
    }

    [TestMethod]
    [DataRow("glorot_uniform", 0.0, 2.0 / 500)]
    [DataRow("glorot_normal", 0.0, 2.0 / 500)]
    [DataRow("he_uniform", 0.0, 2.0 / 300)]
    [DataRow("he_normal", 0.0, 2.0 / 300)]
    [DataRow("lecun_uniform", 0.0, 1.0 / 300)]
    [DataRow("lecun_normal", 0.0, 1.0 / 300)]
    [DataRow("random_normal", 0.0, 0.05 * 0.05)]
    [DataRow("random_uniform", 0.0, 0.1 * 0.1 / 12)]
    [DataRow("truncated_normal", 0.0, 0.05 * 0.05 * 0.7737)]
    [DataRow("zeros", 0.0, 0.0)]
    [DataRow("ones", 1.0, 0.0)]
    public void Initializers_have_the_expected_mean_and_variance(string name, double mean, double variance)
    {
        float[] values = ((Initializer)name).Call([300, 200], 5).ToArray();
        Assert.AreEqual(mean, values.Average(), 3 * Math.Sqrt(variance / values.Length) + 1e-9);
        Assert.AreEqual(variance, values.Average(v => (v - mean) * (v - mean)), 0.03 * variance);
        CollectionAssert.AreEqual(values, ((Initializer)name).Call([300, 200], 5).ToArray());
    }

    [TestMethod]
    [DataRow(20, 30)]
    [DataRow(30, 20)]
    public void Orthogonal_matrices_are_orthogonal(int rows, int columns)
    {
        NDArray q = new Orthogonal(gain: 2, seed: 1).Call([rows, columns]);
        int count = Math.Min(rows, columns);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                double dot = Enumerable.Range(0, Math.Max(rows, columns))
                    .Sum(k => rows <= columns ? q[i, k] * q[j, k] : (double)q[k, i] * q[k, j]);
                Assert.AreEqual(i == j ? 4 : 0, dot, 1e-5);
            }
        }
    }

    [TestMethod]
    public void Devices_are_listed_and_a_missing_one_is_named()
    {
        Assert.AreEqual(Device.Cpu, Device.All[0]);
        Assert.IsTrue(Device.Cpu.MemoryBytes > 0);
        string message = Assert.ThrowsExactly<ArgumentException>(() => Device.Gpu(99)).Message;
        Assert.Contains("There is no GPU 99", message);
        if (Device.All.Count > 1) return;
        Assert.AreEqual(DeviceKind.Cpu, Device.Default.Kind);
        Assert.Contains("no GPU was found", message);
    }

    static NDArray Ones(params int[] shape)
    {
        var array = new NDArray(shape);
        array.Span.Fill(1);
        return array;
    }
}
