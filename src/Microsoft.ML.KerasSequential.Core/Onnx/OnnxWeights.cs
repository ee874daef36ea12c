namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>How an exported file stores the weights of matrix products, convolutions, recurrent layers and embeddings;
/// everything else stays float32.</summary>
public enum OnnxWeights
{
    /// <summary>Unchanged, 4 bytes each.</summary>
    Float32,

    /// <summary>Half precision, 2 bytes each; computed in float32. Tensors with values beyond ±65504 stay
    /// float32.</summary>
    Float16,

    /// <summary>
    /// 1 byte each, scaled per output channel. Dense layers quantize their inputs dynamically and multiply integers;
    /// other weights are dequantized first.
    /// </summary>
    Int8,
}
