namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The precision of multiplication in matrix products and convolutions on a GPU. Values, sums and updates are always
/// float32, and the CPU always multiplies in float32.
/// </summary>
public enum FloatPrecision
{
    /// <summary>Unrounded factors, with 23 mantissa bits.</summary>
    Float32,

    /// <summary>Factors rounded to 10 mantissa bits, with the range of float32 (NVIDIA's TF32), in tensor cores if the
    /// GPU has them (compute capability 8.0).</summary>
    TensorFloat32,

    /// <summary>Factors rounded to 7 mantissa bits (bfloat16), in tensor cores if the GPU has them (compute capability
    /// 8.0).</summary>
    BFloat16,

    /// <summary>Factors rounded to 10 mantissa bits and the range of float16 (up to 65,504; larger ones are infinite),
    /// in tensor cores if the GPU has them (compute capability 8.0).</summary>
    Float16,
}
