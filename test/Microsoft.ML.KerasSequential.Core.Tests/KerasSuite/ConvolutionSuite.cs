using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of convolutions, padding, cropping and upsampling.</summary>
[TestClass]
public sealed class ConvolutionSuite
{
    // Keras omits strides with "same", and strides with dilation.
    static readonly (string Padding, int Strides)[] s_walks = [("valid", 1), ("valid", 2), ("same", 1)];

    [TestMethod]
    [DataRow(2, 1, "causal", 4, new float[] { 0, 1, 3, 5 })]
    [DataRow(2, 1, "valid", 4, new float[] { 1, 3, 5 })]
    [DataRow(3, 2, "causal", 10, new float[] { 0, 1, 2, 4, 6, 9, 12, 15, 18, 21 })]
    public void A_causal_convolution_sees_no_later_step(
        int kernelSize, int dilation, string padding, int length, float[] expected) =>
        Run(() => new Conv1D(1, kernelSize, dilationRate: dilation, padding: padding, kernelInitializer: "ones",
            useBias: false), [1, length, 1], Counting(1, length, 1),
            ((NDArray)expected).Reshape(1, expected.Length, 1));

    [TestMethod]
    public void Convolutions_meet_the_requirements_of_every_layer()
    {
        foreach ((string padding, int strides) in s_walks)
        {
            Run(() => new Conv1D(3, 3, padding: padding, strides: strides), [2, 8, 2]);
            Run(() => new Conv1D(3, 3, padding: padding, strides: strides, kernelRegularizer: "l2",
                biasRegularizer: "l2", activityRegularizer: "l2", kernelConstraint: "max_norm",
                biasConstraint: "max_norm"), [2, 8, 2]);
            Run(() => new Conv2D(2, (3, 2), padding: padding, strides: (strides, strides),
                dataFormat: "channels_first"), [2, 3, 7, 6]);
            Run(() => new Conv3D(2, 3, padding: padding, strides: [strides, strides, strides]), [2, 9, 8, 8, 3]);
        }
        Run(() => new Conv1D(3, 3, padding: "same", dilationRate: 2), [2, 8, 2]);
        Run(() => new Conv1D(3, 3, dataFormat: "channels_first"), [2, 2, 8]);
        Run(() => new Conv2D(2, 3, strides: (2, 2), kernelRegularizer: "l2", biasRegularizer: "l2",
            activityRegularizer: "l2", kernelConstraint: "max_norm", biasConstraint: "max_norm"), [2, 7, 6, 3]);
        Run(() => new Conv2D(2, (3, 2), dilationRate: (2, 2)), [2, 7, 6, 3]);
        Run(() => new Conv3D(2, [1, 2, 3], strides: [2, 2, 2], kernelRegularizer: "l2", biasRegularizer: "l2",
            activityRegularizer: "l2", kernelConstraint: "max_norm", biasConstraint: "max_norm"), [2, 9, 8, 8, 3]);
    }

    [TestMethod]
    public void Transposed_convolutions_meet_the_requirements_of_every_layer()
    {
        foreach ((string padding, int strides) in s_walks)
            foreach (int? more in strides == 1 ? new int?[] { null, 0 } : [null, 0, 1])
            {
                int[]? Both(int rank) => more is int size ? [.. Enumerable.Repeat(size, rank)] : null;
                Run(() => new Conv2DTranspose(2, 3, padding: padding, outputPadding: Both(2),
                    strides: (strides, strides)), [2, 5, 6, 3]);
                foreach (string order in new[] { "channels_first", "channels_last" })
                    Run(() => new Conv3DTranspose(2, 3, padding: padding, outputPadding: Both(3),
                        strides: [strides, strides, strides], dataFormat: order), [2, 4, 3, 5, 3]);
            }
        Run(() => new Conv2DTranspose(2, 3, padding: "same", dilationRate: (2, 2)), [2, 5, 6, 3]);
        Run(() => new Conv2DTranspose(2, 3, strides: (2, 2), dataFormat: "channels_first", kernelRegularizer: "l2",
            biasRegularizer: "l2", activityRegularizer: "l2", kernelConstraint: "max_norm", biasConstraint: "max_norm"),
            [2, 3, 5, 6]);
        Run(() => new Conv3DTranspose(2, 3, strides: [2, 2, 2], dataFormat: "channels_first", kernelRegularizer: "l2",
            biasRegularizer: "l2", activityRegularizer: "l2", kernelConstraint: "max_norm", biasConstraint: "max_norm",
            useBias: true), [2, 3, 4, 5, 3]);
    }

    [TestMethod]
    public void A_dilated_transposed_convolution_has_the_values_of_Keras() =>
        Run(() => new Conv2DTranspose(1, 3, padding: "same", dilationRate: (2, 2), kernelInitializer: "ones"),
            [1, 4, 4, 3], Counting(1, 4, 4, 3),
            ((NDArray)new float[] { 192, 228, 192, 228, 336, 372, 336, 372, 192, 228, 192, 228, 336, 372, 336, 372 })
            .Reshape(1, 4, 4, 1));

    [TestMethod]
    public void Separable_and_depthwise_convolutions_meet_the_requirements_of_every_layer()
    {
        foreach ((string padding, int strides) in s_walks)
            foreach (int multiplier in new[] { 1, 2 })
            {
                foreach (int dilation in strides == 1 ? new[] { 1, 2 } : [1])
                    Run(() => new SeparableConv1D(6, 3, padding: padding, strides: strides, depthMultiplier: multiplier,
                        dilationRate: dilation), [2, 9, 3]);
                foreach (Sizes dilation in strides == 1 ? new Sizes[] { (1, 1), (2, 2), (2, 1), (1, 2) } : [(1, 1)])
                {
                    Run(() => new SeparableConv2D(6, (3, 3), padding: padding, strides: (strides, strides),
                        depthMultiplier: multiplier, dilationRate: dilation), [2, 7, 6, 3]);
                    Run(() => new DepthwiseConv2D((3, 3), padding: padding, strides: (strides, strides),
                        depthMultiplier: multiplier, dilationRate: dilation), [2, 7, 6, 3]);
                }
            }
        Run(() => new SeparableConv1D(6, 3, dataFormat: "channels_first", depthwiseRegularizer: "l2",
            pointwiseRegularizer: "l2", biasRegularizer: "l2", activityRegularizer: "l2",
            pointwiseConstraint: "unit_norm", depthwiseConstraint: "unit_norm", depthMultiplier: 2), [2, 3, 9]);
        Run(() => new SeparableConv2D(6, 3, dataFormat: "channels_first", strides: (2, 2), depthwiseRegularizer: "l2",
            pointwiseRegularizer: "l2", biasRegularizer: "l2", activityRegularizer: "l2",
            pointwiseConstraint: "unit_norm", depthwiseConstraint: "unit_norm", depthMultiplier: 2), [2, 3, 7, 6]);
        Run(() => new DepthwiseConv2D(3, dataFormat: "channels_first", strides: (2, 2), depthwiseRegularizer: "l2",
            biasRegularizer: "l2", activityRegularizer: "l2", depthwiseConstraint: "unit_norm", depthMultiplier: 2),
            [2, 3, 7, 6]);
    }

    [TestMethod]
    public void A_convolution_requires_a_known_number_of_channels()
    {
        static void Refused(Layer layer) => Assert.ThrowsExactly<ArgumentException>(() => new Sequential([layer]));
        Refused(new Conv2D(2, (3, 2), padding: "same", batchInputShape: [null, null, 5, null]));
        Refused(new Conv2DTranspose(2, 3, batchInputShape: [null, null, 5, null]));
        Refused(new Conv3DTranspose(2, 3, batchInputShape: [null, null, 5, null, null]));
        Refused(new SeparableConv1D(6, 3, batchInputShape: [null, 5, null]));
        Refused(new SeparableConv2D(6, 3, batchInputShape: [null, null, 5, null]));
        Refused(new DepthwiseConv2D(3, batchInputShape: [null, null, 5, null]));
    }

    [TestMethod]
    public void Output_padding_must_be_less_than_the_strides()
    {
        static void Refused(Func<Layer> make) =>
            Assert.ThrowsExactly<ArgumentException>(() => new Sequential([make()]));
        Refused(() => new Conv2DTranspose(2, 3, outputPadding: [0, 3], strides: (1, 3),
            batchInputShape: [null, 5, 6, 3]));
        Refused(() => new Conv2DTranspose(2, 3, outputPadding: [2, 2], strides: (1, 3),
            batchInputShape: [null, 5, 6, 3]));
        Refused(() => new Conv3DTranspose(2, 3, outputPadding: [0, 3, 3], strides: [1, 3, 4],
            batchInputShape: [null, 7, 5, 6, 3]));
        Refused(() => new Conv3DTranspose(2, 3, outputPadding: [2, 2, 3], strides: [1, 3, 4],
            batchInputShape: [null, 7, 5, 6, 3]));
    }

    [TestMethod]
    public void Padding_adds_zeros_around_the_input()
    {
        Run(() => new ZeroPadding1D(2), [2, 5, 2], Full(1, 2, 5, 2), Framed([5], [(2, 2)], first: false));
        Run(() => new ZeroPadding1D((1, 2)), [2, 5, 2], Full(1, 2, 5, 2), Framed([5], [(1, 2)], first: false));
        foreach (bool first in new[] { true, false })
        {
            string order = first ? "channels_first" : "channels_last";
            int[] Shape(params int[] places) => first ? [2, 2, .. places] : [2, .. places, 2];
            int[] plane = Shape(4, 5), cube = Shape(4, 5, 3);
            Run(() => new ZeroPadding2D((2, 2), order), Free(plane), Full(1, plane),
                Framed([4, 5], [(2, 2), (2, 2)], first));
            Run(() => new ZeroPadding2D(((1, 2), (3, 4)), order), Free(plane), Full(1, plane),
                Framed([4, 5], [(1, 2), (3, 4)], first));
            Run(() => new ZeroPadding3D((2, 2, 2), order), Free(cube), Full(1, cube),
                Framed([4, 5, 3], [(2, 2), (2, 2), (2, 2)], first));
            Run(() => new ZeroPadding3D(((1, 2), (3, 4), (0, 2)), order), Free(cube), Full(1, cube),
                Framed([4, 5, 3], [(1, 2), (3, 4), (0, 2)], first));
        }
    }

    /// <summary>Ones within zeros, for two samples of two channels.</summary>
    static NDArray Framed(int[] places, (int Before, int After)[] margins, bool first)
    {
        int[] outer = [.. places.Select((size, d) => size + margins[d].Before + margins[d].After)];
        int[] shape = first ? [2, 2, .. outer] : [2, .. outer, 2];
        var result = new NDArray(shape);
        int offset = first ? 2 : 1;
        for (int i = 0; i < result.Size; i++)
        {
            bool inside = true;
            for (int d = shape.Length - 1, rest = i; d >= 0; rest /= shape[d--])
            {
                int place = d - offset;
                if (place < 0 || place >= places.Length) continue;
                int at = rest % shape[d] - margins[place].Before;
                inside &= at >= 0 && at < places[place];
            }
            result.Span[i] = inside ? 1 : 0;
        }
        return result;
    }

    [TestMethod]
    public void Upsampling_repeats_positions()
    {
        Run(() => new UpSampling1D(2), [3, 5, 4]);
        foreach (bool first in new[] { true, false })
        {
            string order = first ? "channels_first" : "channels_last";
            int[] plane = first ? [2, 2, 5, 6] : [2, 5, 6, 2], cube = first ? [2, 2, 4, 3, 5] : [2, 4, 3, 5, 2];
            Run(() => new UpSampling2D((2, 2), order, "bilinear"), Free(plane));
            foreach (int columns in new[] { 2, 3 })
            {
                NDArray x = Random(1, plane);
                Run(() => new UpSampling2D((2, columns), order), Free(plane), x,
                    Repeated(x, first ? [1, 1, 2, columns] : [1, 2, columns, 1]));
            }
            foreach (int depth in new[] { 2, 3 })
            {
                NDArray x = Random(1, cube);
                Run(() => new UpSampling3D((depth, 2, 3), order), Free(cube), x,
                    Repeated(x, first ? [1, 1, depth, 2, 3] : [1, depth, 2, 3, 1]));
            }
        }
    }

    static NDArray Repeated(NDArray x, int[] times) =>
        Gathered(x, [.. x.Shape.ToArray().Zip(times, (size, t) => size * t)], (at, d) => at / times[d]);

    [TestMethod]
    public void Cropping_removes_edges()
    {
        Run(() => new Cropping1D((1, 2)), [2, 4, 2]);
        foreach (bool first in new[] { true, false })
        {
            string order = first ? "channels_first" : "channels_last";
            NDArray plane = Random(1, first ? [2, 2, 9, 9] : [2, 9, 9, 2]),
                cube = Random(1, first ? [2, 2, 8, 8, 8] : [2, 8, 8, 8, 2]);
            Run(() => new Cropping2D(((2, 2), (3, 3)), order), Free(plane.Shape.ToArray()), plane,
                Cropped(plane, first, (2, 2), (3, 3)));
            Run(() => new Cropping3D(((2, 2), (3, 3), (2, 3)), order), Free(cube.Shape.ToArray()), cube,
                Cropped(cube, first, (2, 2), (3, 3), (2, 3)));
            Run(() => new Cropping2D(((0, 0), (0, 0)), order), Free(plane.Shape.ToArray()), plane, plane);
            Run(() => new Cropping3D(((0, 0), (0, 0), (0, 0)), order), Free(cube.Shape.ToArray()), cube, cube);
        }
        Assert.Throws<ArgumentException>(() => new Cropping2D((1, 1, 1)));
        Assert.Throws<ArgumentException>(() => new Cropping3D((1, 1)));
    }

    static NDArray Cropped(NDArray x, bool first, params (int Before, int After)[] edges)
    {
        int offset = first ? 2 : 1;
        int[] shape = x.Shape.ToArray();
        for (int d = 0; d < edges.Length; d++) shape[offset + d] -= edges[d].Before + edges[d].After;
        return Gathered(x, shape, (at, d) => d >= offset && d < offset + edges.Length
            ? at + edges[d - offset].Before : at);
    }

    /// <summary>An array of another shape whose values come from other positions.</summary>
    static NDArray Gathered(NDArray x, int[] shape, Func<int, int, int> from)
    {
        var result = new NDArray(shape);
        int[] at = new int[shape.Length];
        for (int i = 0; i < result.Size; i++)
        {
            for (int d = shape.Length - 1, rest = i; d >= 0; rest /= shape[d--]) at[d] = from(rest % shape[d], d);
            result.Span[i] = x[at];
        }
        return result;
    }

    static int?[] Free(int[] shape) => [.. shape.Select(d => (int?)d)];
}
