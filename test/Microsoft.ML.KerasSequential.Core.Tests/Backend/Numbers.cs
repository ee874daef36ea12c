using Microsoft.ML.KerasSequential.Tests.Ops;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Helpers for the tests of backend functions.</summary>
internal static class Numbers
{
    /// <summary>Values and shape of a tensor that needs no input.</summary>
    public static void AreEqual(Tensor actual, int[] shape, params double[] values) =>
        AreEqual(K.Eval(actual), shape, values);

    public static void AreEqual(NDArray actual, int[] shape, params double[] values)
    {
        CollectionAssert.AreEqual(shape, actual.Shape.ToArray(), $"{actual}");
        GoldenCase.AssertClose(actual.Span, [.. values.Select(v => (float)v)], 1e-5, 1e-6, $"{actual}");
    }

    public static NDArray Random(int seed, params int[] shape)
    {
        var random = new Random(seed);
        var array = new NDArray(shape);
        foreach (ref float v in array.Span) v = (float)(random.NextDouble() * 2 - 1);
        return array;
    }

    /// <summary>Compares gradients with central differences in float64, with respect to all inputs or some.</summary>
    public static void CheckGradients(Func<Tensor[], Tensor> build, NDArray[] values, int[]? wrt = null)
    {
        Tensor[] x = [.. values.Select(v => K.Placeholder([.. v.Shape.ToArray().Select(d => (int?)d)]))];
        Tensor y = build(x);
        NDArray weights = Random(99, [.. y.Shape.Select(d => d!.Value)]);
        Tensor loss = K.Sum(y * K.Constant(weights));
        wrt ??= [.. Enumerable.Range(0, x.Length)];
        using Function function = K.Function(x, K.Gradients(loss, [.. wrt.Select(i => x[i])]));
        NDArray[] gradients = function.Run(values);
        var exact = new Dictionary<Tensor, double[]>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < x.Length; i++) exact[x[i]] = [.. values[i].ToArray().Select(v => (double)v)];
        for (int g = 0; g < wrt.Length; g++)
        {
            double[] slopes = Reference.Slopes(exact, loss, x[wrt[g]]);
            for (int i = 0; i < slopes.Length; i++)
                GoldenCase.AssertClose(gradients[g].Span[i], slopes[i], 1e-3, 1e-4, $"gradient by input {wrt[g]}[{i}]");
        }
    }
}
