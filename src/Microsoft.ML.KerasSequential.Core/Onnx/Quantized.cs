namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Quantizes weights.</summary>
internal static class Quantized
{
    // 7 bits: CPUs without VNNI add pairs of products of 8-bit inputs in 16 bits, where ±127 could overflow.
    const float Largest = 63;

    public static bool FitsHalf(NDArray value) =>
        System.Numerics.Tensors.TensorPrimitives.MaxMagnitude<float>(value.Span) <= (float)Half.MaxValue;

    /// <summary>Quantizes to integers, with a scale for each index along an axis.</summary>
    public static (sbyte[] Whole, NDArray Scales) ByChannel(NDArray value, int axis)
    {
        int channels = value.Shape[axis], inner = Inner(value, axis);
        var scales = new NDArray(channels);
        for (int i = 0; i < value.Size; i++)
        {
            ref float scale = ref scales.Span[i / inner % channels];
            scale = MathF.Max(scale, MathF.Abs(value.Span[i]) / Largest);
        }
        foreach (ref float scale in scales.Span)
            if (scale == 0) scale = 1;
        var whole = new sbyte[value.Size];
        for (int i = 0; i < whole.Length; i++)
            whole[i] = (sbyte)MathF.Round(value.Span[i] / scales.Span[i / inner % channels]);
        return (whole, scales);
    }

    /// <summary>Dequantizes integers in place.</summary>
    public static void ScaleBack(NDArray whole, NDArray scales, int axis)
    {
        int inner = Inner(whole, axis);
        for (int i = 0; i < whole.Size; i++) whole.Span[i] *= scales.Span[i / inner % scales.Size];
    }

    /// <summary>The number of values between two indices of an axis.</summary>
    static int Inner(NDArray value, int axis)
    {
        int inner = 1;
        foreach (int size in value.Shape[(axis + 1)..]) inner *= size;
        return inner;
    }
}
