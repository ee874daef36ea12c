namespace Microsoft.ML.KerasSequential;

/// <summary>What a sample weight weighs (Keras' <c>sample_weight_mode</c>).</summary>
public enum SampleWeightMode
{
    /// <summary>A whole sample: weights have one dimension (Keras' <c>None</c>).</summary>
    None,

    /// <summary>Each step of each sample: weights have two dimensions (Keras' <c>"temporal"</c>).</summary>
    Temporal,
}
