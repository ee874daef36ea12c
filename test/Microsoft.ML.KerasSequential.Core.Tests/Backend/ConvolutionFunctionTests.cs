using static Microsoft.ML.KerasSequential.Tests.Backend.Numbers;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Convolution and pooling functions of the backend, against plain loops in float64.</summary>
[TestClass]
public sealed class ConvolutionFunctionTests
{
    [TestMethod]
    [DataRow("valid", 1, 1)]
    [DataRow("same", 1, 1)]
    [DataRow("same", 2, 1)]
    [DataRow("valid", 1, 2)]
    [DataRow("causal", 1, 2)]
    public void Convolutions_along_steps_are_right_in_both_orders(string padding, int strides, int dilation)
    {
        NDArray x = Random(1, 2, 7, 3), kernel = Random(2, 3, 3, 4);
        int span = 2 * dilation + 1, positions = padding == "valid" ? 7 - span + 1 : (7 + strides - 1) / strides;
        int before = padding switch
        {
            "valid" => 0,
            "causal" => span - 1,
            _ => Math.Max(0, (positions - 1) * strides + span - 7) / 2,
        };
        var expected = new List<double>();
        for (int b = 0; b < 2; b++)
            for (int p = 0; p < positions; p++)
                for (int f = 0; f < 4; f++)
                {
                    double sum = 0;
                    for (int k = 0; k < 3; k++)
                        for (int c = 0; c < 3; c++)
                        {
                            int at = p * strides - before + k * dilation;
                            if (at >= 0 && at < 7) sum += (double)x[b, at, c] * kernel[k, c, f];
                        }
                    expected.Add(sum);
                }
        AreEqual(K.Conv1D(K.Constant(x), K.Constant(kernel), strides, padding, dilationRate: dilation),
            [2, positions, 4], [.. expected]);
        Tensor turned = K.PermuteDimensions(K.Constant(x), 0, 2, 1);
        if (padding != "causal") AreEqual(
            K.PermuteDimensions(K.Conv1D(turned, K.Constant(kernel), strides, padding, "channels_first", dilation),
            0, 2, 1), [2, positions, 4], [.. expected]);
        CheckGradients(t => K.Conv1D(t[0], t[1], strides, padding, dilationRate: dilation), [x, kernel]);
    }

    [TestMethod]
    public void Convolutions_of_more_dimensions_sum_what_the_kernel_sees()
    {
        NDArray ones = K.Eval(K.Ones(1, 4, 4, 1));
        AreEqual(K.Conv2D(K.Constant(ones), K.Ones(3, 3, 1, 1)), [1, 2, 2, 1], 9, 9, 9, 9);
        AreEqual(K.Conv2D(K.Constant(ones), K.Ones(3, 3, 1, 1), strides: 2, padding: "same"), [1, 2, 2, 1], 9, 6, 6, 4);
        AreEqual(K.Conv3D(K.Ones(1, 2, 2, 2, 2), K.Ones(2, 2, 2, 2, 1)), [1, 1, 1, 1, 1], 16);
        AreEqual(K.Conv3D(K.Ones(1, 2, 2, 2, 2), K.Ones(2, 2, 2, 2, 1), dataFormat: "channels_first"),
            [1, 1, 1, 1, 1], 16);
        Tensor x = K.Constant(new NDArray([1, 2, 3, 4], 1, 2, 2, 1));
        AreEqual(K.Conv2DTranspose(x, K.Ones(2, 2, 1, 1), [null, 4, 4, 1], strides: 2), [1, 4, 4, 1], 1, 1, 2, 2, 1,
            1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4);
        AreEqual(K.Conv2DTranspose(x, K.Ones(2, 2, 1, 1), [1, 3, 3, 1]), [1, 3, 3, 1], 1, 3, 2, 4, 10, 6, 3, 7, 4);
        AreEqual(K.Conv3DTranspose(K.Ones(1, 1, 1, 1, 1), K.Ones(1, 2, 2, 3, 1), [1, 1, 2, 2, 3]), [1, 1, 2, 2, 3],
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        CheckGradients(t => K.Conv2DTranspose(t[0], t[1], [null, 5, 4, 2], (2, 1), "same"),
            [Random(1, 2, 3, 4, 3), Random(2, 3, 2, 2, 3)]);
        CheckGradients(t => K.Conv2D(t[0], t[1], padding: "same", dataFormat: "channels_first", dilationRate: 2),
            [Random(3, 2, 2, 4, 3), Random(4, 2, 2, 2, 3)]);
    }

    [TestMethod]
    public void Depthwise_and_separable_convolutions_keep_channels_apart()
    {
        Tensor x = K.Constant(new NDArray([1, 10, 2, 20, 3, 30, 4, 40], 1, 2, 2, 2));
        NDArray kernel = new NDArray([1, 2, 3, 4], 1, 1, 2, 2);
        AreEqual(K.DepthwiseConv2D(x, K.Constant(kernel)), [1, 2, 2, 4], 1, 2, 30, 40, 2, 4, 60, 80, 3, 6, 90, 120,
            4, 8, 120, 160);
        AreEqual(K.SeparableConv2D(x, K.Constant(kernel), K.Ones(1, 1, 4, 1)), [1, 2, 2, 1], 73, 146, 219, 292);
        AreEqual(K.SeparableConv1D(
            K.Constant(new NDArray([1, 10, 2, 20], 1, 2, 2)), K.Ones(2, 2, 1),
            K.Constant(new NDArray([1, -1], 1, 2, 1))), [1, 1, 1], -27);
        CheckGradients(t => K.SeparableConv2D(t[0], t[1], t[2], 2, "same"),
            [Random(1, 2, 3, 4, 2), Random(2, 2, 2, 2, 3), Random(3, 1, 1, 6, 2)]);
        CheckGradients(t => K.DepthwiseConv2D(t[0], t[1], dataFormat: "channels_first"),
            [Random(1, 2, 2, 3, 4), Random(2, 2, 2, 2, 3)]);
        Assert.ThrowsExactly<ArgumentException>(() => K.SeparableConv2D(x, K.Constant(kernel), K.Ones(1, 1, 3, 1)));
    }

    [TestMethod]
    public void Pooling_moves_by_one_position_by_default()
    {
        Tensor x = K.Constant(new NDArray([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 3, 3, 1));
        AreEqual(K.Pool2D(x, 2), [1, 2, 2, 1], 5, 6, 8, 9);
        AreEqual(K.Pool2D(x, (2, 2), (2, 2), "same", poolMode: "avg"), [1, 2, 2, 1], 3, 4.5, 7.5, 9);
        AreEqual(K.Pool2D(K.PermuteDimensions(x, 0, 3, 1, 2), 3, dataFormat: "channels_first", poolMode: "avg"),
            [1, 1, 1, 1], 5);
        AreEqual(K.Pool3D(K.Constant(new NDArray([1, 2, 3, 4, 5, 6, 7, 8], 1, 2, 2, 2, 1)), 2, poolMode: "avg"),
            [1, 1, 1, 1, 1], 4.5);
        AreEqual(K.Pool3D(K.Constant(new NDArray([1, 2, 3, 4, 5, 6, 7, 8], 1, 2, 2, 2, 1)), (1, 2, 2)),
            [1, 2, 1, 1, 1], 4, 8);
        Assert.ThrowsExactly<ArgumentException>(() => K.Pool2D(x, 2, poolMode: "median"));
        CheckGradients(t => K.Pool2D(t[0], 2, padding: "same", poolMode: "avg"), [Random(1, 2, 3, 4, 2)]);
    }

    [TestMethod]
    public void Local_convolutions_have_one_kernel_per_position()
    {
        AreEqual(K.LocalConv1D(
            K.Constant(new NDArray([1, 2, 3], 1, 3, 1)), K.Constant(new NDArray([1, 1, 10, 10], 2, 2, 1)), 2, 1),
            [1, 2, 1], 3, 50);
        AreEqual(K.LocalConv2D(
            K.Constant(new NDArray([1, 2, 3, 4], 1, 2, 2, 1)), K.Constant(new NDArray([1, 1, 10, 10], 2, 2, 1)),
            (1, 2), 1, (2, 1)), [1, 2, 1, 1], 3, 70);
        CheckGradients(t => K.LocalConv2D(t[0], t[1], 2, 1, dataFormat: "channels_first"),
            [Random(1, 2, 2, 3, 3), Random(2, 4, 8, 2)]);
        Assert.ThrowsExactly<ArgumentException>(() => K.LocalConv1D(K.Ones(1, 3, 1), K.Ones(3, 2, 1), 2, 1));
        Assert.ThrowsExactly<ArgumentException>(
            () => K.LocalConv2D(K.Ones(1, 2, 2, 1), K.Ones(2, 2, 1), (1, 2), 1, (1, 2)));
    }

    [TestMethod]
    public void Images_are_resized_and_padded()
    {
        Tensor x = K.Constant(new NDArray([1, 2], 1, 1, 2, 1));
        AreEqual(K.ResizeImages(x, 2, 2), [1, 2, 4, 1], 1, 1, 2, 2, 1, 1, 2, 2);
        AreEqual(K.ResizeImages(x, 1, 2, interpolation: "bilinear"), [1, 1, 4, 1], 1, 1.25, 1.75, 2);
        AreEqual(K.ResizeVolumes(K.Ones(1, 1, 1, 1, 2), 2, 1, 3, "channels_first"), [1, 1, 2, 1, 6],
            [.. Enumerable.Repeat(1.0, 12)]);
        AreEqual(K.TemporalPadding(K.Constant(new NDArray([1, 2], 1, 2, 1)), (1, 2)), [1, 5, 1], 0, 1, 2, 0, 0);
        AreEqual(K.Spatial2DPadding(x, ((0, 1), (1, 0))), [1, 2, 3, 1], 0, 1, 2, 0, 0, 0);
        Assert.AreEqual(new Shape(1, 2, 3, 4, 5),
            K.Spatial3DPadding(K.Ones(1, 2, 1, 2, 3), dataFormat: "channels_first").Shape);
        Assert.ThrowsExactly<ArgumentException>(() => K.ResizeImages(x, 2, 2, interpolation: "cubic"));
        Assert.ThrowsExactly<ArgumentException>(() => K.TemporalPadding(x));
    }

    [TestMethod]
    public void A_bias_applies_to_the_channels_in_both_orders()
    {
        Tensor first = K.Constant(new NDArray([1, 2, 3, 4], 1, 2, 1, 2)), bias = K.Constant(new float[] { 10, 20 });
        AreEqual(K.BiasAdd(first, bias), [1, 2, 1, 2], 11, 22, 13, 24);
        AreEqual(K.BiasAdd(first, bias, "channels_first"), [1, 2, 1, 2], 11, 12, 23, 24);
        AreEqual(K.BiasAdd(first, K.Constant(new NDArray([1, 2, 3, 4], 1, 2, 2)), "channels_first"), [1, 2, 1, 2], 2,
            5, 5, 8);
        Assert.ThrowsExactly<ArgumentException>(() => K.BiasAdd(first, K.Ones(1, 2), "channels_last"));
    }

    [TestMethod]
    public void Shapes_that_do_not_fit_are_named()
    {
        Tensor x = K.Ones(1, 5, 5, 3);
        Assert.Contains("Conv2D",
            Assert.ThrowsExactly<ArgumentException>(() => K.Conv2D(x, K.Ones(3, 3, 2, 4))).Message);
        Assert.Contains("Conv1D", Assert.ThrowsExactly<ArgumentException>(() => K.Conv1D(x, K.Ones(3, 3, 4))).Message);
        Assert.ThrowsExactly<ArgumentException>(() => K.Conv2D(x, K.Ones(3, 3, 3, 4), strides: 2, dilationRate: 2));
        Assert.ThrowsExactly<ArgumentException>(() => K.Conv2D(x, K.Ones(3, 3, 3, 4), padding: "causal"));
        Assert.ThrowsExactly<ArgumentException>(() => K.Conv2D(x, K.Ones(6, 6, 3, 4)));
        Assert.ThrowsExactly<ArgumentException>(() => K.Conv2DTranspose(x, K.Ones(3, 3, 4, 3), [null, 9, 7, 4]));
        Assert.ThrowsExactly<ArgumentException>(() => K.Conv2DTranspose(x, K.Ones(3, 3, 4, 3), [null, 7, 7, 5]));
    }
}
