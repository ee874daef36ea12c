namespace Microsoft.ML.KerasSequential;

/// <summary>
/// How exactly matrix products and convolutions multiply on a GPU. Values, sums and updates are float32 in any case, and the processor always multiplies in float32.
/// </summary>
public enum FloatPrecision
{
    /// <summary>Factors as they are: 23 bits behind the point.</summary>
    Float32,

    /// <summary>Factors rounded to 10 bits behind the point, with float32's range (NVIDIA's TF32), in tensor cores where the GPU has them (compute capability 8.0).</summary>
    TensorFloat32,

    /// <summary>Factors rounded to 7 bits behind the point (bfloat16), in tensor cores where the GPU has them (compute capability 8.0).</summary>
    BFloat16,
}
