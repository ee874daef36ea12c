using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>Normal values, cut at two standard deviations, of variance 2/(inputs + outputs) (Glorot and Bengio 2010; Keras <c>keras.initializers.glorot_normal</c>). As in Keras it is written as the <see cref="VarianceScaling"/> that it is.</summary>
/// <param name="seed">A seed, or null for the model's.</param>
public class GlorotNormal(int? seed = null) : VarianceScaling(mode: "fan_avg", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
