using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots.Numbers;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Filters as images.</summary>
[TestClass]
public sealed class FilterPlotTests
{
    [TestMethod]
    public void Each_filter_is_scaled_from_black_to_white()
    {
        using Sequential model = new([new Conv2D(2, 2, useBias: false, inputShape: [4, 4, 1])]);
        // (rows, columns, channels, filters): 0 1 2 4, and -10 -10 -10 10.
        model.SetWeights([new NDArray([0, -10, 1, -10, 2, -10, 4, 10], 2, 2, 1, 2)]);
        FilterImages images = FilterImages.Of(model.Layers[0], null);
        Assert.AreEqual((2, 2, 1), (images.Rows, images.Columns, images.Channels));
        CollectionAssert.AreEqual(new byte[] { 0, 64, 128, 255 }, images.Images[0]);
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 255 }, images.Images[1]);
        model.SetWeights([new NDArray([3, 3, 3, 3, 3, 3, 3, 3], 2, 2, 1, 2)]);
        CollectionAssert.AreEqual(new byte[] { 128, 128, 128, 128 }, FilterImages.Of(model.Layers[0], null).Images[0]);

        using var folder = new PictureFolder();
        model.SetWeights([new NDArray([0, -10, 1, -10, 2, -10, 4, 10], 2, 2, 1, 2)]);
        model.PlotFilters(folder["f.png"]);
        using SKBitmap image = folder.Image("f.png");
        // Two tiles of 64 pixels with a gap of 6, in the middle of 260.
        int left = (260 - 134) / 2;
        foreach ((int x, int y, byte grey) in new[] { (16, 16, (byte)0), (48, 16, (byte)64), (16, 48, (byte)128),
            (48, 48, (byte)255), (70 + 16, 48, (byte)0), (70 + 48, 48, (byte)255) })
            Assert.AreEqual(new SKColor(grey, grey, grey), image.GetPixel(left + x, 38 + y));
    }

    [TestMethod]
    public void Three_channels_are_colors_and_others_their_mean()
    {
        using Sequential colours = new([new Conv2D(1, 1, useBias: false, inputShape: [4, 4, 3])]),
            five = new([new Conv2D(1, [1, 2], useBias: false, inputShape: [4, 4, 5])]);
        colours.SetWeights([new NDArray([-1, 0, 1], 1, 1, 3, 1)]);
        FilterImages images = FilterImages.Of(colours.Layers[0], null);
        Assert.AreEqual(3, images.Channels);
        CollectionAssert.AreEqual(new byte[] { 0, 128, 255 }, images.Images[0]);
        using var folder = new PictureFolder();
        colours.PlotFilters(folder["f.png"]);
        Assert.AreEqual(64 * 64, folder.Count("f.png", "#0080FF"));

        // Means 3 and 1: the second position is darker.
        five.SetWeights([new NDArray([1, 2, 3, 4, 5, 1, 1, 1, 1, 1], 1, 2, 5, 1)]);
        CollectionAssert.AreEqual(new byte[] { 255, 0 }, FilterImages.Of(five.Layers[0], null).Images[0]);
    }

    [TestMethod]
    public void Sequences_and_dense_layers_on_images_have_filters_too()
    {
        using Sequential steps = new([new Conv1D(1, 3, useBias: false, inputShape: [9, 2])]),
            dense = new([new Dense(2, useBias: false, inputShape: [4]), new Dense(3)]);
        // (steps, channels, filters): channel 0 is 0 1 2, channel 1 is 0 0 4.
        steps.SetWeights([new NDArray([0, 0, 1, 0, 2, 4], 3, 2, 1)]);
        FilterImages images = FilterImages.Of(steps.Layers[0], null);
        Assert.AreEqual((2, 3), (images.Rows, images.Columns));
        CollectionAssert.AreEqual(new byte[] { 0, 64, 128, 0, 0, 255 }, images.Images[0]);

        NDArray[] weights = [.. dense.GetWeights()];
        weights[0] = new NDArray([0, 3, 1, 2, 2, 1, 4, 0], 4, 2);
        dense.SetWeights(weights);
        CollectionAssert.AreEqual(new byte[] { 0, 64, 128, 255 }, FilterImages.Of(dense.Layers[0], [2, 2]).Images[0]);
        using var folder = new PictureFolder();
        dense.PlotFilters(folder["d.svg"], imageShape: [2, 2]);
        Assert.Contains("dense_1: 2 filters of 2 × 2", folder.Texts("d.svg"));
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            dense.PlotFilters(folder["d.png"], imageShape: [3, 2]));
        Assert.AreEqual("imageShape", error.ParamName);
        Assert.AreEqual("imageShape", Assert.ThrowsExactly<ArgumentException>(() =>
            dense.PlotFilters(folder["d.png"], "dense_1")).ParamName);
    }

    [TestMethod]
    public void The_first_filters_of_a_large_layer_are_shown()
    {
        using var folder = new PictureFolder();
        using Sequential inner = new([new Conv2D(100, 3, inputShape: [8, 8, 1])]),
            model = new([inner, new Flatten(), new Dense(2)]);
        model.PlotFilters(folder["f.svg"], maxFilters: 10);
        Assert.Contains("conv2d_1: the first 10 of 100 filters of 3 × 3", folder.Texts("f.svg"));
        model.PlotFilters(folder["f.png"], tileSize: 9, title: "");
        folder.Image("f.png").Dispose();
    }

    [TestMethod]
    public void Layers_without_filters_are_rejected()
    {
        using var folder = new PictureFolder();
        using Sequential model = new([new Conv2D(2, 3), new Flatten(), new Dense(1)]);
        Assert.Contains("no weights", Assert.ThrowsExactly<InvalidOperationException>(() =>
            model.PlotFilters(folder["f.png"])).Message);
        model.Build([null, 5, 5, 1]);
        Assert.Contains("flatten_1", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotFilters(folder["f.png"], "flatten_1")).Message);
        Assert.AreEqual("layerName", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotFilters(folder["f.png"], "nobody")).ParamName);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.PlotFilters(folder["f.png"], maxFilters: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.PlotFilters(folder["f.png"], tileSize: 4));
        using Sequential dense = new([new Dense(1, inputShape: [2])]);
        Assert.AreEqual("model", Assert.ThrowsExactly<ArgumentException>(() => dense.PlotFilters(folder["f.png"]))
            .ParamName);
        Assert.IsEmpty(folder.Files);
    }
}
