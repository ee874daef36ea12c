using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The requirements of Keras' own tests of its utilities.</summary>
[TestClass]
public sealed class UtilitySuite
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(null)]
    public void A_custom_loop_can_update_a_progress_bar(int? target)
    {
        (string, double)[]?[] values = [null, [("loss", 1), ("small", 1e-4)], [("other", 1), ("small", 3e-4)]];
        foreach (int verbose in new[] { 0, 1, 2 })
        {
            var output = new StringWriter();
            var bar = new Progbar(target, verbose: verbose, output: output);
            for (int i = 0; i < values.Length; i++) bar.Update(i, values[i]);
            string last = output.ToString().TrimEnd().Split('\n')[^1];
            string beginning = (verbose, target) switch
            {
                (0, _) => "^$",
                (1, 2) => @"^2/2 \[={30}\] - \d+s",
                (1, _) => @"^ {6}2/Unknown - \d+s",
                _ => @"^ ?- \d+s"
            };
            Assert.IsTrue(Regex.IsMatch(last, beginning), last);
            if (verbose > 0) Assert.Contains(" - loss: 1.0000 - small: 2.0000e-04 - other: 1.0000", last);
        }
    }

    [TestMethod]
    public void Values_are_shown_as_means_over_their_steps_or_as_they_are()
    {
        var output = new StringWriter();
        var bar = new Progbar(10, output: output, statefulMetrics: ["accuracy"]);
        bar.Add(4, [("loss", 1), ("accuracy", 0.1)]);
        bar.Add(6, [("loss", 2), ("accuracy", 0.7)]);
        Assert.Contains(" - loss: 1.6000 - accuracy: 0.7000", output.ToString());
    }

    [TestMethod]
    public void Kernels_and_dense_weights_convert_between_data_formats()
    {
        NDArray x = RecurrentTests.Values(1, 5, 6, 3);
        using Sequential last = Model([5, 6, 3], "channels_last"), first = Model([3, 5, 6], "channels_first");
        float[] expected = last.Predict(x).ToArray();
        first.SetWeights([.. last.GetWeights()]);
        LayerUtils.ConvertDenseWeightsDataFormat((Dense)first.Layers[2], [2, 2, 4], "channels_first");
        Close(expected, first.Predict(Permuted(x)), 1e-5f);
        LayerUtils.ConvertDenseWeightsDataFormat((Dense)first.Layers[2], [2, 4, 2], "channels_last");
        CollectionAssert.AreEqual(last.GetWeights()[2].ToArray(), first.GetWeights()[2].ToArray());

        // A flipped kernel on the flipped image gives the flipped result.
        using Sequential convolution = new([new Conv2D(2, (4, 3), inputShape: [5, 6, 3])]);
        float[] before = convolution.Predict(x).ToArray();
        LayerUtils.ConvertAllKernelsInModel(convolution);
        NDArray turned = convolution.Predict(Turned(x));
        Close(before, Turned(turned), 1e-5f);
        LayerUtils.ConvertAllKernelsInModel(convolution);
        CollectionAssert.AreEqual(before, convolution.Predict(x).ToArray());

        Assert.AreEqual("previousFeatureMapShape",
            Assert.ThrowsExactly<ArgumentException>(
                () => LayerUtils.ConvertDenseWeightsDataFormat((Dense)first.Layers[2], [2, 2, 5])).ParamName);
        Assert.ThrowsExactly<ArgumentException>(
            () => LayerUtils.ConvertDenseWeightsDataFormat((Dense)first.Layers[2], [2, 2, 4], "channels_middle"));
        Assert.AreEqual(
            "kernel", Assert.ThrowsExactly<ArgumentException>(() => ConvUtils.ConvertKernel(new NDArray(10, 20)))
            .ParamName);

        static Sequential Model(Shape shape, string dataFormat) =>
            new([new Conv2D(2, (4, 3), dataFormat: dataFormat, inputShape: shape),
                new Flatten(dataFormat: "channels_last"), new Dense(5)]);
    }

    static NDArray Permuted(NDArray x) => K.Evaluate(K.PermuteDimensions(K.Constant(x), [0, 3, 1, 2]));

    static NDArray Turned(NDArray x) =>
        ConvUtils.ConvertKernel(x.Reshape(x.Shape[1], x.Shape[2], 1, x.Shape[3])).Reshape(x.Shape.ToArray());

    static void Close(float[] expected, NDArray actual, float tolerance)
    {
        float[] values = actual.ToArray();
        Assert.HasCount(expected.Length, values);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], values[i], tolerance);
    }

    [TestMethod]
    public void A_weight_can_start_with_given_values()
    {
        float[,] vectors = { { 1, 2 }, { 3, 4 }, { 5, 6.5f } };
        using var model = new Sequential(
            [new Embedding(3, 2, embeddingsInitializer: new Constant(vectors), inputLength: 1), new Flatten(),
                new Dense(2, kernelInitializer: new Constant(0.5))]);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6.5f }, model.GetWeights()[0].ToArray());
        Assert.IsTrue(model.GetWeights()[1].ToArray().All(v => v == 0.5f));
        Assert.Contains("\"value\":[[1,2],[3,4],[5,6.5]]", model.ToJson());
        using (Sequential read = Sequential.FromJson(model.ToJson()), yaml = Sequential.FromYaml(model.ToYaml()),
            clone = model.Clone())
            foreach (Sequential copy in new[] { read, yaml, clone })
                CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), copy.GetWeights()[0].ToArray());
        vectors[0, 0] = 7;
        Assert.AreEqual(
            1, new Sequential(
                [.. model.Layers.Select(
                    l => Layer.FromConfig(
                        System.Text.Json.JsonSerializer.SerializeToElement(
                            new { class_name = l.ClassName, config = l.GetConfig() })))]).GetWeights()[0].Span[0]);
        Initializer three = Initializer.FromConfig(System.Text.Json.JsonDocument.Parse("""
            {"class_name": "Constant",
             "config": {"value": {"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "float32"}}}}
            """).RootElement);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, three.Call([2]).ToArray());
        Assert.Contains(
            "(3, 2)", Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new Dense(4, kernelInitializer: new Constant(vectors), inputShape: [3])]))
            .Message);
        Assert.ThrowsExactly<ArgumentException>(() => new Constant(new float[] { float.NaN, 1 }));
        Assert.ThrowsExactly<ArgumentException>(
            () => Initializer.FromConfig(
                System.Text.Json.JsonDocument.Parse("""{"class_name": "Constant", "config": {"value": [1, [2]]}}""")
                .RootElement));
    }

    [TestMethod]
    public void Custom_objects_are_found_by_name_as_activation_and_regularizer()
    {
        Func<Tensor, Tensor> twice = x => 2 * x;
        using (new CustomObjectScope(new() { ["twice"] = twice, ["Own"] = () => new Regularizers.L1L2(0.5) }))
        {
            Activations.Activation activation = "twice";
            Assert.AreEqual(6, K.Evaluate(activation.Call(K.Constant(3))).Span[0]);
            Regularizers.Regularizer regularizer = "Own";
            Assert.IsInstanceOfType<Regularizers.L1L2>(regularizer);
        }
        Assert.ThrowsExactly<ArgumentException>(() => { Activations.Activation _ = "twice"; });
    }

    [TestMethod]
    [DataRow("same", 7, 1, 224, 224)]
    [DataRow("same", 7, 2, 224, 112)]
    [DataRow("valid", 5, 1, 32, 28)]
    [DataRow("valid", 5, 2, 32, 14)]
    [DataRow("causal", 5, 1, 32, 32)]
    [DataRow("causal", 5, 2, 32, 16)]
    public void A_convolution_has_the_length_determined_by_padding_and_stride(
        string padding, int kernel, int stride, int length, int expected)
    {
        using var model =
            new Sequential([new Conv1D(1, kernel, strides: stride, padding: padding, inputShape: [length, 1])]);
        Assert.AreEqual(expected, model.OutputShape![1]);
        using var free =
            new Sequential([new Conv1D(1, kernel, strides: stride, padding: padding, inputShape: [null, 1])]);
        Assert.IsNull(free.OutputShape![1]);
    }

    [TestMethod]
    [DataRow("same", 7, 1, null, 224, 224)]
    [DataRow("same", 7, 2, null, 224, 448)]
    [DataRow("valid", 5, 1, null, 32, 36)]
    [DataRow("valid", 5, 2, null, 32, 67)]
    [DataRow("same", 7, 2, 0, 224, 447)]
    [DataRow("same", 7, 2, 1, 224, 448)]
    [DataRow("valid", 5, 2, 0, 32, 67)]
    [DataRow("valid", 5, 2, 1, 32, 68)]
    public void A_transposed_convolution_restores_the_length_of_the_convolution(
        string padding, int kernel, int stride, int? outputPadding, int length, int expected)
    {
        using var model = new Sequential(
            [new Conv2DTranspose(1, (kernel, 1), strides: (stride, stride), padding: padding,
                outputPadding: outputPadding is int more ? (more, 0) : null, inputShape: [length, 1, 1])]);
        Assert.AreEqual(expected, model.OutputShape![1]);
    }

    [TestMethod]
    public void Invalid_sizes_paddings_and_data_formats_are_rejected()
    {
        Assert.Throws<ArgumentException>(() => new Conv2D(1, new[] { 2, 3, 4 }));
        Assert.Throws<ArgumentException>(() => new Conv2D(1, 3, padding: "diagonal"));
        Assert.Throws<ArgumentException>(() => new Conv2D(1, 3, dataFormat: "channels_middle"));
        Assert.Throws<ArgumentNullException>(() => new Conv2D(1, null!));
    }
}
