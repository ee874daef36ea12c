namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>How an exported file holds the weights of products, convolutions, recurrent layers and embeddings; all else stays float32.</summary>
public enum OnnxWeights
{
    /// <summary>As they are, 4 bytes each.</summary>
    Float32,

    /// <summary>Half precision, 2 bytes each; computed in float32. Tensors with values beyond ±65504 stay float32.</summary>
    Float16,

    /// <summary>
    /// 1 byte each, scaled by output channel. Dense layers quantize their inputs as they come and multiply whole numbers; the others are
    /// scaled back first.
    /// </summary>
    Int8,
}
