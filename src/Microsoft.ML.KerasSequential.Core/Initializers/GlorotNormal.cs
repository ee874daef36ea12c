using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Normal values, truncated at two standard deviations, with variance 2/(inputs + outputs) (Glorot and Bengio 2010;
/// Keras <c>keras.initializers.glorot_normal</c>). As in Keras, it is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class GlorotNormal(int? seed = null) : VarianceScaling(mode: "fan_avg", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
