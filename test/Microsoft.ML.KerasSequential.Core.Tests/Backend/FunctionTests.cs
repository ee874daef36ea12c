using static Microsoft.ML.KerasSequential.Tests.Backend.Numbers;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Backend functions against numbers computed by hand.</summary>
[TestClass]
public sealed class FunctionTests
{
    static readonly Tensor s_six = K.Constant(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });

    [TestMethod]
    public void Variables_start_with_their_values_and_accept_new_ones()
    {
        AreEqual(K.Zeros(2, 1), [2, 1], 0, 0);
        AreEqual(K.Ones([3]), [3], 1, 1, 1);
        AreEqual(K.Eye(2), [2, 2], 1, 0, 0, 1);
        Variable a = K.Variable(new float[] { 1, 2 }), b = K.Variable(3f);
        AreEqual(K.Eval(a * b), [2], 3, 6);
        K.BatchSetValue([(a, new float[] { 5, 6 }), (b, 7f)]);
        NDArray[] values = K.BatchGetValue([a, b]);
        AreEqual(values[0], [2], 5, 6);
        AreEqual(values[1], [], 7);
        Assert.ThrowsExactly<ArgumentException>(() => K.BatchSetValue([(b, 1f), (a, new float[] { 1, 2, 3 })]));
        AreEqual(K.GetValue(b), [], 7);
        K.SetValue(b, 8f);
        AreEqual(b, [], 8);
        Assert.IsTrue(K.IsVariable(a) && K.IsTensor(a) && !K.IsPlaceholder(a) && !K.IsVariable(a + 1)
            && !K.IsTensor(3) && K.IsPlaceholder(K.Placeholder(2)));
        Assert.ThrowsExactly<ArgumentException>(() => K.Eval(K.Placeholder(2) + 1));
    }

    [TestMethod]
    public void Functions_give_variables_new_values_after_their_outputs()
    {
        Variable count = K.Variable(new float[] { 1, 10 }), average = K.Variable(4f);
        Tensor x = K.Placeholder(2);
        using Function function =
            K.Function([x], [count + 0, average * 1], [K.UpdateAdd(count, x), K.MovingAverageUpdate(average, 8, 0.75)]);
        NDArray[] first = function.Run(new float[] { 2, 3 });
        AreEqual(first[0], [2], 1, 10);
        AreEqual(first[1], [], 4);
        AreEqual(count, [2], 3, 13);
        AreEqual(average, [], 5);
        function.Run(new float[] { 1, 1 });
        AreEqual(count, [2], 4, 14);
        AreEqual(average, [], 5.75);
        using Function less =
            K.Function([], [average], [K.UpdateSub(average, 1), K.Update(count, K.Constant(new float[] { 0, 9 }))]);
        less.Run();
        AreEqual(average, [], 4.75);
        AreEqual(count, [2], 0, 9);
        Assert.ThrowsExactly<ArgumentException>(() => K.Update(count, K.Constant(new float[3])));
        Assert.ThrowsExactly<ArgumentException>(
            () => K.Function([], [count], [K.UpdateAdd(count, 1), K.UpdateSub(count, 1)]));
    }

    [TestMethod]
    public void Sizes_are_known_before_or_when_data_arrives()
    {
        Assert.AreEqual(new Shape(2, 3), K.IntShape(s_six));
        Assert.AreEqual(2, K.Ndim(s_six));
        Assert.AreEqual(6, K.CountParams(s_six));
        Assert.AreEqual("float32", K.Dtype(s_six));
        AreEqual(K.Shape(s_six), [2], 2, 3);
        AreEqual(K.Size(s_six), [], 6);
        Tensor x = K.Placeholder(null, null, 2);
        Assert.ThrowsExactly<ArgumentException>(() => K.CountParams(x));
        using Function function = K.Function([x], [K.Shape(x), K.Size(x)]);
        foreach ((int batch, int steps) in new[] { (3, 4), (1, 7) })
        {
            NDArray[] sizes = function.Run(new NDArray(batch, steps, 2));
            AreEqual(sizes[0], [3], batch, steps, 2);
            AreEqual(sizes[1], [], batch * steps * 2);
        }
        Assert.AreEqual("channels_last", K.NormalizeDataFormat(null));
        Assert.AreEqual("channels_first", K.NormalizeDataFormat("channels_first"));
        Assert.ThrowsExactly<ArgumentException>(() => K.NormalizeDataFormat("channels_middle"));
    }

    [TestMethod]
    public void Casts_truncate_fractions_toward_zero()
    {
        Tensor x = K.Constant(new[] { -1.7f, -0.5f, 0f, 0.5f, 2.9f });
        AreEqual(K.Cast(x, "int32"), [5], -1, 0, 0, 0, 2);
        AreEqual(K.Cast(x, "bool"), [5], 1, 1, 0, 1, 1);
        AreEqual(K.Cast(x, "float64"), [5], -1.7, -0.5, 0, 0.5, 2.9);
        Assert.ThrowsExactly<ArgumentException>(() => K.Cast(x, "string"));
    }

    [TestMethod]
    public void Numbers_are_counted_stacked_tiled_and_repeated()
    {
        AreEqual(K.Arange(4), [4], 0, 1, 2, 3);
        AreEqual(K.Arange(1, 2, 0.25), [4], 1, 1.25, 1.5, 1.75);
        AreEqual(K.Arange(5, 0, -2), [3], 5, 3, 1);
        AreEqual(K.Arange(-3), [0]);
        Assert.ThrowsExactly<ArgumentException>(() => K.Arange(0, 1, 0));
        Tensor a = K.Constant(new float[] { 1, 2 }), b = K.Constant(new float[] { 3, 4 });
        AreEqual(K.Stack([a, b]), [2, 2], 1, 2, 3, 4);
        AreEqual(K.Stack([a, b], axis: -1), [2, 2], 1, 3, 2, 4);
        Assert.ThrowsExactly<ArgumentException>(() => K.Stack([a, s_six]));
        AreEqual(K.Tile(K.Constant(new float[,] { { 1, 2 } }), 2, 2), [2, 4], 1, 2, 1, 2, 1, 2, 1, 2);
        Assert.ThrowsExactly<ArgumentException>(() => K.Tile(s_six, 2));
        AreEqual(K.RepeatElements(s_six, 2, 0), [4, 3], 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6);
        AreEqual(K.RepeatElements(a, 2, -1), [4], 1, 1, 2, 2);
        AreEqual(K.Reverse(s_six, [0, -1]), [2, 3], 6, 5, 4, 3, 2, 1);
        AreEqual(K.Slice(s_six, [1, 0], [1, 2]), [1, 2], 4, 5);
        AreEqual(K.Slice(s_six, [0, 1], [2, -1]), [2, 2], 2, 3, 5, 6);
        Assert.ThrowsExactly<ArgumentException>(() => K.Slice(s_six, [1, 0, 0, 0], [1, 1, 1, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => K.Slice(s_six, [1, 0], [2, 3]));
        AreEqual(K.Constant(2f, [2, 2]), [2, 2], 2, 2, 2, 2);
        AreEqual(K.Identity(a), [2], 1, 2);
    }

    [TestMethod]
    public void Cumulative_sums_and_products_accept_any_axis_and_a_free_batch()
    {
        AreEqual(K.Cumsum(s_six), [2, 3], 1, 2, 3, 5, 7, 9);
        AreEqual(K.Cumsum(s_six, axis: 1), [2, 3], 1, 3, 6, 4, 9, 15);
        AreEqual(K.Cumprod(s_six), [2, 3], 1, 2, 3, 4, 10, 18);
        AreEqual(K.Cumprod(s_six, axis: -1), [2, 3], 1, 2, 6, 4, 20, 120);
        Tensor x = K.Placeholder(null, 2);
        using Function function = K.Function([x], [K.Cumsum(x), K.Gradients(K.Sum(K.Cumprod(x)), [x])[0]]);
        NDArray[] y = function.Run(new float[,] { { 1, 0 }, { 2, 3 }, { 4, 5 } });
        AreEqual(y[0], [3, 2], 1, 0, 3, 3, 7, 8);
        // d(a + ab + abc): 1 + b + bc, a + ac, ab; even if a factor is 0.
        AreEqual(y[1], [3, 2], 11, 19, 5, 0, 2, 0);
        // A long axis of small numbers loses no precision.
        NDArray sums = K.Eval(K.Cumsum(K.Constant(0.1f, [1_000_000])));
        Assert.AreEqual(100_000 * (0.1f / 0.1), sums.Span[^1], 0.01);
    }

    [TestMethod]
    public void Products_over_an_axis_have_gradients_where_factors_are_zero_too()
    {
        Tensor x = K.Constant(new float[,] { { 2, 0, 3 }, { 0, 0, 5 }, { 2, 3, 4 } });
        AreEqual(K.Gradients(K.Sum(K.Prod(x, axis: 1)), [x])[0], [3, 3], 0, 6, 0, 0, 0, 0, 12, 8, 6);
        AreEqual(K.Gradients(K.Prod(s_six), [s_six])[0], [2, 3], 720, 360, 240, 180, 144, 120);
    }

    [TestMethod]
    public void Products_of_tensors_pair_the_dimensions_that_Keras_pairs()
    {
        // (2, 3) · (2, 3, 2): the last dimension of x with the second to last of y.
        NDArray y = new float[,,] { { { 1, 2 }, { 3, 4 }, { 5, 6 } }, { { 7, 8 }, { 9, 10 }, { 11, 12 } } };
        AreEqual(K.Dot(s_six, K.Constant(y)), [2, 2, 2], 22, 28, 58, 64, 49, 64, 139, 154);
        Assert.ThrowsExactly<ArgumentException>(() => K.Dot(s_six, K.Constant(new float[3])));
        AreEqual(K.BatchDot(s_six, s_six), [2, 1], 14, 77);
        AreEqual(K.BatchDot(s_six, K.Constant(y)), [2, 2], 22, 28, 139, 154);
        AreEqual(K.BatchDot(K.Constant(y), K.Constant(y), axes: 1), [2, 2, 2], 35, 44, 44, 56, 251, 278, 278, 308);
    }

    [TestMethod]
    public void A_switch_takes_whole_rows_by_a_shorter_condition()
    {
        AreEqual(K.Switch(K.Constant(new float[] { 1, 0 }), s_six, -s_six), [2, 3], 1, 2, 3, -4, -5, -6);
        AreEqual(K.Switch(0, s_six, -s_six), [2, 3], -1, -2, -3, -4, -5, -6);
        AreEqual(K.Switch(s_six > 3, s_six, 0), [2, 3], 0, 0, 0, 4, 5, 6);
        Assert.ThrowsExactly<ArgumentException>(
            () => K.Switch(s_six, K.Constant(new float[3]), K.Constant(new float[3])));
        AreEqual(K.InTestPhase(1, 2), [], 1);
        AreEqual(K.InTestPhase(1, 2, training: true), [], 2);
        AreEqual(K.InTrainPhase(1, 2, training: true), [], 1);
    }

    [TestMethod]
    public void A_batch_is_normalized_by_given_statistics_or_by_its_own()
    {
        Tensor mean = K.Constant(new float[] { 1, 2, 3 }), variance = K.Constant(new float[] { 1, 4, 9 });
        AreEqual(K.BatchNormalization(
            s_six, mean, variance, K.Constant(new float[] { 1, 1, 1 }), K.Constant(new float[] { 2, 2, 2 }),
            epsilon: 0), [2, 3], 1, 1, 1, 7, 4, 3);
        AreEqual(K.BatchNormalization(
            s_six, K.Constant(new float[] { 2, 5 }), K.Constant(new float[] { 1, 1 }), null, null, axis: 0,
            epsilon: 0), [2, 3], -1, 0, 1, -1, 0, 1);
        (Tensor y, Tensor batchMean, Tensor batchVariance) =
            K.NormalizeBatchInTraining(
                s_six, K.Constant(new float[] { 1, 2, 3 }), K.Constant(new float[] { 0, 0, 1 }), [0], epsilon: 0);
        AreEqual(batchMean, [3], 2.5, 3.5, 4.5);
        AreEqual(batchVariance, [3], 2.25, 2.25, 2.25);
        AreEqual(y, [2, 3], -1, -2, -2, 1, 2, 4);
        CheckGradients(t => K.NormalizeBatchInTraining(t[0], t[1], t[2], [0, 2]).Normalized,
            [Random(1, 3, 2, 4), Random(2, 2), Random(3, 2)]);
    }

    [TestMethod]
    public void Random_numbers_have_the_moments_of_their_distribution()
    {
        K.SetRandomSeed(5);
        int[] shape = [200, 500];
        Check(K.RandomUniform(shape, -1, 3), 1, 16 / 12.0, -1, 3);
        Check(K.RandomNormal(shape, 2, 0.5), 2, 0.25, -2, 6);
        Check(K.RandomBinomial(shape, 0.3), 0.3, 0.21, 0, 1);
        Check(K.TruncatedNormal(shape, 1, 0.5), 1, 0.25 * 0.77374, 0, 2);
        AreEqual(K.RandomBinomial([2], 0), [2], 0, 0);
        AreEqual(K.RandomBinomial([2], 1), [2], 1, 1);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => K.RandomBinomial([2], 1.5));
        CollectionAssert.AreEqual(
            K.Eval(K.RandomNormal([4], seed: 3)).ToArray(), K.Eval(K.RandomNormal([4], seed: 3)).ToArray());
        AreEqual(K.Sign(K.RandomUniformVariable([2], 3, 4)), [2], 1, 1);
        AreEqual(K.Sign(K.RandomNormalVariable([2], -9, 0.1)), [2], -1, -1);

        static void Check(Tensor x, double mean, double variance, double low, double high)
        {
            float[] values = K.Eval(x).ToArray();
            Assert.AreEqual(mean, values.Average(), 4 * Math.Sqrt(variance / values.Length));
            Assert.AreEqual(variance, values.Average(v => (v - mean) * (v - mean)), 0.02 * variance);
            Assert.IsTrue(values.Min() >= low && values.Max() <= high);
        }
    }

    [TestMethod]
    public void Printed_tensors_pass_on_their_gradient()
    {
        TextWriter console = Console.Out;
        using var text = new StringWriter();
        try
        {
            Console.SetOut(text);
            AreEqual(K.Gradients(K.Sum(K.Square(K.PrintTensor(s_six, "six:"))), [s_six])[0], [2, 3], 2, 4, 6, 8, 10,
                12);
        }
        finally
        {
            Console.SetOut(console);
        }
        Assert.StartsWith("six: ", text.ToString());
    }

    [TestMethod]
    public void Names_are_counted_and_scoped()
    {
        K.ResetUids();
        Assert.AreEqual(1, K.GetUid("dense"));
        Assert.AreEqual(2, K.GetUid("dense"));
        Assert.AreEqual(1, K.GetUid());
        K.ResetUids();
        Assert.AreEqual(1, K.GetUid("dense"));
        using (K.NameScope("block")) Assert.StartsWith("block/", (s_six + 1).Name);
    }

    [TestMethod]
    public void Crossentropy_takes_the_axis_of_the_classes()
    {
        Tensor t = K.Constant(new float[,] { { 1, 0 }, { 0, 1 } }),
            p = K.Constant(new[,] { { 0.25f, 0.5f }, { 0.75f, 0.5f } });
        AreEqual(K.CategoricalCrossentropy(t, p, fromLogits: false, axis: 0), [2], -Math.Log(0.25), -Math.Log(0.5));
    }
}
