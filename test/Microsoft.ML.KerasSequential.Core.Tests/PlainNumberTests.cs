using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Where Keras accepts a number or a list, so do the layers.</summary>
[TestClass]
public sealed class PlainNumberTests
{
    [TestMethod]
    public void The_output_padding_of_every_transposed_convolution_is_a_number_or_a_list()
    {
        // A size of (5 − 1)·2 + 3 + 1.
        Layer[] planes =
        [
            new Conv2DTranspose(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 1]),
                new Conv2DTranspose(4, 3, strides: 2, outputPadding: [1, 1], inputShape: [5, 5, 1]),
            new Conv2DTranspose(4, 3, strides: 2, outputPadding: (1, 1), inputShape: [5, 5, 1]),
                new Convolution2DTranspose(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 1]),
            new Deconv2D(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 1]),
                new Deconvolution2D(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 1]),
        ];
        Layer[] spaces =
        [
            new Conv3DTranspose(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 5, 1]),
                new Deconv3D(4, 3, strides: 2, outputPadding: 1, inputShape: [5, 5, 5, 1]),
            new Deconvolution3D(4, 3, strides: 2, outputPadding: new[] { 1, 1, 1 }, inputShape: [5, 5, 5, 1]),
        ];
        foreach (Layer layer in planes.Concat(spaces))
        {
            bool plane = planes.Contains(layer);
            Assert.AreEqual(plane ? new Shape(null, 12, 12, 4) : new Shape(null, 12, 12, 12, 4), Output(layer),
                layer.ClassName);
            Assert.AreEqual(plane ? "[1,1]" : "[1,1,1]", layer.GetConfig()["output_padding"]!.ToJsonString());
            Assert.AreEqual("[1,1]", Again(planes[0])["output_padding"]!.ToJsonString());
        }
        Assert.AreEqual(new Shape(null, 11, 11, 4),
            Output(new Conv2DTranspose(4, 3, strides: 2, outputPadding: 0, inputShape: [5, 5, 1])));
        Assert.IsNull(new Conv2DTranspose(4, 3, outputPadding: (int[]?)null).GetConfig()["output_padding"]);
        Assert.AreEqual("outputPadding",
            Assert.ThrowsExactly<ArgumentException>(() => new Conv2DTranspose(4, 3, strides: 2, outputPadding: 2))
            .ParamName);
        Assert.AreEqual("outputPadding",
            Assert.ThrowsExactly<ArgumentException>(() => new Conv2DTranspose(4, 3, strides: 2, outputPadding: -1))
            .ParamName);
        Assert.AreEqual("outputPadding",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Conv2DTranspose(4, 3, strides: 2, outputPadding: [1, 1, 1])).ParamName);
    }

    [TestMethod]
    public void The_shared_axes_of_PReLU_are_a_number_or_a_list()
    {
        Assert.AreEqual(new Shape(1, 3), Slopes(new PReLU(sharedAxes: 1, inputShape: [2, 3])));
        Assert.AreEqual(new Shape(1, 1), Slopes(new PReLU(sharedAxes: [1, 2], inputShape: [2, 3])));
        Assert.AreEqual(new Shape(1, 1), Slopes(new PReLU(sharedAxes: new[] { 1, 2 }, inputShape: [2, 3])));
        Assert.AreEqual(new Shape(2, 3), Slopes(new PReLU(inputShape: [2, 3])));
        Assert.AreEqual("[1]", Again(new PReLU(sharedAxes: 1))["shared_axes"]!.ToJsonString());
        JsonElement plain = JsonDocument.Parse("""{"class_name": "PReLU", "config": {"shared_axes": 2}}""").RootElement;
        Assert.AreEqual("[2]", Layer.FromConfig(plain).GetConfig()["shared_axes"]!.ToJsonString());

        static Shape Slopes(PReLU layer)
        {
            _ = Output(layer);
            return layer.GetWeights()[0].Shape.ToArray();
        }
    }

    [TestMethod]
    public void The_input_length_of_an_Embedding_is_a_number_or_several()
    {
        int? none = null;
        Check("[2,3]", new Shape(null, 2, 3, 4), new Embedding(5, 4, inputLength: [2, 3]));
        Check("[2,3]", new Shape(null, 2, 3, 4), new Embedding(5, 4, inputLength: (2, 3)));
        Check("[2,3]", new Shape(null, 2, 3, 4), new Embedding(5, 4, inputLength: new[] { 2, 3 }));
        Check("[null,3]", new Shape(null, null, 3, 4), new Embedding(5, 4, inputLength: [null, 3]));
        Check("[2,3,1]", new Shape(null, 2, 3, 1, 4), new Embedding(5, 4, inputLength: (2, 3, 1)));
        Check("7", new Shape(null, 7, 4), new Embedding(5, 4, inputLength: 7));
        Check(null, new Shape(null, null, 4), new Embedding(5, 4, inputLength: none));
        Check(null, new Shape(null, null, 4), new Embedding(5, 4));
        Assert.Throws<ArgumentException>(() => new Embedding(5, 4, inputLength: [2, 0]));
        using var model = new Sequential([new Embedding(5, 4, inputLength: [2, 3]), new Flatten(), new Dense(1)]);
        model.Compile("sgd", "mse");
        Assert.Contains(
            "2, 3)", Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new float[1, 3, 2], new float[1], verbose: 0)).Message);

        static void Check(string? config, Shape output, Embedding layer)
        {
            Assert.AreEqual(config, layer.GetConfig()["input_length"]?.ToJsonString());
            Assert.AreEqual(config, Again(layer)["input_length"]?.ToJsonString());
            Assert.AreEqual(output, Output(layer));
        }
    }

    static Shape Output(Layer layer)
    {
        using var model = new Sequential([layer]);
        return model.OutputShape;
    }

    static JsonObject Again(Layer layer) =>
        Layer.FromConfig(
            JsonSerializer.SerializeToElement(
                new JsonObject { ["class_name"] = layer.ClassName, ["config"] = layer.GetConfig() })).GetConfig();
}
