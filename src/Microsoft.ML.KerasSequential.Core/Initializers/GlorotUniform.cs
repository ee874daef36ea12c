using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Uniform values with variance 2/(inputs + outputs) (Glorot and Bengio 2010; Keras
/// <c>keras.initializers.glorot_uniform</c>). As in Keras, it is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class GlorotUniform(int? seed = null) : VarianceScaling(mode: "fan_avg", distribution: "uniform", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
