using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>What Keras' own tests check for every layer: shapes, weights, configuration, one training step.</summary>
internal static class LayerCheck
{
    static readonly Random s_random = new(17);

    /// <summary>Runs a layer as a model's only layer, on values from 0 to 10 or on given ones.</summary>
    /// <param name="make">Makes the layer.</param>
    /// <param name="batchShape">The shape of the input, batch first; null is a size that is free in the model.</param>
    /// <param name="input">The input, or null for random values.</param>
    /// <param name="expected">The expected output, or null.</param>
    /// <returns>The output.</returns>
    public static NDArray Run(Func<Layer> make, int?[] batchShape, NDArray? input = null, NDArray? expected = null)
    {
        input ??= Random(10, [.. batchShape.Select(d => d ?? s_random.Next(1, 4))]);
        Layer layer = make();
        layer.SetWeights(layer.GetWeights());
        using var model = new Sequential([layer]);
        model.Build([null, .. batchShape[1..]]);
        NDArray output = model.Predict(input);
        Matches(layer.OutputShape!, output);
        Matches(layer.ComputeOutputShape([input.Rows, .. batchShape[1..]]), output);
        if (expected is not null) Close(expected, output, 1e-3, 0);

        using Sequential recovered = Sequential.FromJson(model.ToJson());
        recovered.SetWeights(model.GetWeights());
        Close(output, recovered.Predict(input), 1e-3, 0);

        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(input, output)["loss"]));

        var config = layer.GetConfig();
        config["batch_input_shape"] = JsonSerializer.SerializeToNode(batchShape);
        string json = $$"""{"class_name": "{{layer.ClassName}}", "config": {{config.ToJsonString()}}}""";
        Assert.AreEqual(layer.GetType(), Layer.FromConfig(JsonDocument.Parse(json).RootElement).GetType());
        return output;
    }

    /// <summary>Values from 0 to a limit.</summary>
    public static NDArray Random(double limit, params int[] shape)
    {
        var result = new NDArray(shape);
        foreach (ref float value in result.Span) value = (float)(s_random.NextDouble() * limit);
        return result;
    }

    /// <summary>Values of a normal distribution.</summary>
    public static NDArray Normal(double mean, double deviation, params int[] shape)
    {
        var result = new NDArray(shape);
        foreach (ref float value in result.Span)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - s_random.NextDouble()));
            value = (float)(mean + deviation * radius * Math.Cos(2 * Math.PI * s_random.NextDouble()));
        }
        return result;
    }

    /// <summary>Integers from a first one up to, but excluding, a last one.</summary>
    public static NDArray Integers(int from, int to, params int[] shape)
    {
        var result = new NDArray(shape);
        foreach (ref float value in result.Span) value = s_random.Next(from, to);
        return result;
    }

    /// <summary>0, 1, 2 … in a shape.</summary>
    public static NDArray Counting(params int[] shape)
    {
        var result = new NDArray(shape);
        for (int i = 0; i < result.Size; i++) result.Span[i] = i;
        return result;
    }

    /// <summary>One value in a shape.</summary>
    public static NDArray Full(float value, params int[] shape)
    {
        var result = new NDArray(shape);
        result.Span.Fill(value);
        return result;
    }

    /// <summary>Two arrays of the same shape that differ only slightly.</summary>
    public static void Close(NDArray expected, NDArray actual, double relative, double absolute)
    {
        CollectionAssert.AreEqual(expected.Shape.ToArray(), actual.Shape.ToArray());
        for (int i = 0; i < expected.Size; i++)
            GoldenCase.AssertClose(actual.Span[i], expected.Span[i], relative, absolute, $"value {i}");
    }

    /// <summary>Another order of the dimensions.</summary>
    public static NDArray Transpose(NDArray x, params int[] order)
    {
        using Function function =
            K.Function([.. Enumerable.Repeat(K.Constant(x), 0)], [K.PermuteDimensions(K.Constant(x), order)]);
        return function.Run()[0];
    }

    static void Matches(Shape expected, NDArray actual)
    {
        Assert.AreEqual(expected.Rank, actual.Shape.Length);
        for (int i = 0; i < expected.Rank; i++)
            if (expected[i] is int size) Assert.AreEqual(size, actual.Shape[i], $"dimension {i} of {expected}");
    }
}
